package dev.precast.module;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a core module's bytes say of its size and shape. Counts are exact; lists hold the first of each kind and are cut
 * at {@link #MAX_LISTED}. Numbers that a module declares saturate at {@link Long#MAX_VALUE}.
 *
 * @param bytes size of the module
 * @param sections id, name and size, in order
 * @param types the type section
 * @param imports imported items, in order
 * @param importCounts how many there are of each kind
 * @param exports exported items, in order
 * @param exportCount how many there are
 * @param tables sizes of the module's own tables, in elements
 * @param tableCount how many there are
 * @param memories sizes of the module's own memories, in pages
 * @param memoryCount how many there are
 * @param globals how many globals of its own
 * @param tags how many exception tags of its own
 * @param start index of the function that runs on instantiation, if there is one
 * @param elements element segments
 * @param data data segments
 * @param code functions of its own
 */
public record ModuleFacts(
        long bytes,
        List<Section> sections,
        Types types,
        List<Import> imports,
        ImportCounts importCounts,
        List<Export> exports,
        long exportCount,
        List<Limits> tables,
        long tableCount,
        List<Limits> memories,
        long memoryCount,
        long globals,
        long tags,
        OptionalLong start,
        Segments elements,
        Segments data,
        Code code) {
    /** How long a list is at most. */
    public static final int MAX_LISTED = 1000;
    /** How many of the largest bodies are listed. */
    public static final int LARGEST_BODIES = 10;

    public ModuleFacts {
        sections = List.copyOf(sections);
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
        tables = List.copyOf(tables);
        memories = List.copyOf(memories);
    }

    /**
     * @param id of the binary format, 0 for custom sections
     * @param name the format's word, or a custom section's own name
     * @param offset of its content from the start of the module, in bytes
     * @param size of its content in bytes
     */
    public record Section(int id, String name, long offset, long size) {}

    /**
     * @param count types, those inside of recursive groups each
     * @param maxParams of the function type with the most
     * @param maxResults of the function type with the most
     * @param maxFields of the structure type with the most
     */
    public record Types(long count, long maxParams, long maxResults, long maxFields) {}

    /** One imported item. Names of over 512 bytes are cut. */
    public record Import(String module, String name, ExternalKind kind) {}

    /** One exported item. Names of over 512 bytes are cut. */
    public record Export(String name, ExternalKind kind, long index) {}

    /** How many imports there are of each kind. */
    public record ImportCounts(long functions, long tables, long memories, long globals, long tags) {
        /** All together. */
        public long total() {
            return functions + tables + memories + globals + tags;
        }
    }

    /**
     * Size of a table or memory.
     *
     * @param min at the start, unsigned
     * @param max if it is limited, unsigned
     * @param shared between threads
     * @param wide with 64-bit indexes
     */
    public record Limits(long min, OptionalLong max, boolean shared, boolean wide) {}

    /**
     * @param count segments
     * @param size bytes of data, or elements
     */
    public record Segments(long count, long size) {}

    /**
     * Totals and maxima over the module's own functions.
     *
     * @param functions how many
     * @param bytes of all bodies, without their size prefixes
     * @param instructions of all bodies
     * @param params of all functions; an upper bound where there are over a million types
     * @param locals declared by all bodies, parameters not counted
     * @param maxLocals of the function with the most
     * @param brTableEntries of all bodies, defaults not counted
     * @param maxBrTableEntries of the function with the most, all its tables together
     * @param maxDepth blocks within blocks of the deepest function; 0 without any block
     * @param largest the largest bodies, the largest first
     */
    public record Code(
            long functions,
            long bytes,
            long instructions,
            long params,
            long locals,
            long maxLocals,
            long brTableEntries,
            long maxBrTableEntries,
            long maxDepth,
            List<Body> largest) {
        public Code {
            largest = List.copyOf(largest);
        }

        /** Size of the largest body in bytes; 0 if there is no function. */
        public long maxBodyBytes() {
            return largest.isEmpty() ? 0 : largest.get(0).bytes();
        }
    }

    /**
     * @param function its index, imported functions counted
     * @param bytes without its size prefix
     */
    public record Body(long function, long bytes) {}
}
