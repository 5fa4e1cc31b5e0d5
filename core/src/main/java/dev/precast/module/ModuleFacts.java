package dev.precast.module;

import java.util.List;
import java.util.OptionalLong;

/**
 * Size and structure of a core module. Counts are exact; lists hold the first {@link #MAX_LISTED} items. Totals
 * saturate at {@link Long#MAX_VALUE}.
 *
 * @param bytes size of the module in bytes
 * @param sections the sections, in order
 * @param types the type section
 * @param imports imported items, in order
 * @param importCounts number of imports of each kind
 * @param exports exported items, in order
 * @param exportCount number of exports
 * @param tables sizes of the module's own tables, in elements
 * @param tableCount number of the module's own tables
 * @param memories sizes of the module's own memories, in pages
 * @param memoryCount number of the module's own memories
 * @param globals number of the module's own globals
 * @param tags number of the module's own exception tags
 * @param start index of the function that runs on instantiation, if there is one
 * @param elements element segments
 * @param data data segments
 * @param code the module's own functions
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
    /** Maximum length of a list. */
    public static final int MAX_LISTED = 1000;
    /** Maximum length of the list {@link Code#largest}. */
    public static final int LARGEST_BODIES = 10;

    public ModuleFacts {
        sections = List.copyOf(sections);
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
        tables = List.copyOf(tables);
        memories = List.copyOf(memories);
    }

    /**
     * @param id the section's number in the binary format, 0 for custom sections
     * @param name the name in the specification, or a custom section's own name
     * @param offset where the section's content starts, in bytes from the start of the input
     * @param size size of the section's content in bytes
     */
    public record Section(int id, String name, long offset, long size) {}

    /**
     * @param count number of types, including each type in recursive groups
     * @param maxParams largest number of parameters of a function type
     * @param maxResults largest number of results of a function type
     * @param maxFields largest number of fields of a structure type
     */
    public record Types(long count, long maxParams, long maxResults, long maxFields) {}

    /** An import. Names are truncated to 512 bytes. */
    public record Import(String module, String name, ExternalKind kind) {}

    /** An export. Names are truncated to 512 bytes. */
    public record Export(String name, ExternalKind kind, long index) {}

    /** Number of imports of each kind. */
    public record ImportCounts(long functions, long tables, long memories, long globals, long tags) {
        /** The number of all imports. */
        public long total() {
            return functions + tables + memories + globals + tags;
        }
    }

    /**
     * Size of a table or memory.
     *
     * @param min initial size, unsigned
     * @param max maximum size, unsigned, if there is one
     * @param shared whether it is shared between threads
     * @param wide whether it has 64-bit indexes
     */
    public record Limits(long min, OptionalLong max, boolean shared, boolean wide) {}

    /**
     * @param count number of segments
     * @param size total bytes of all data segments, or total elements of all element segments
     */
    public record Segments(long count, long size) {}

    /**
     * Totals and maxima over the module's own functions.
     *
     * @param functions number of functions
     * @param bytes size of all bodies in bytes, without their size prefixes
     * @param instructions number of instructions in all bodies
     * @param params number of parameters of all functions; an upper bound if the module has over a million types
     * @param locals number of locals that all bodies declare, without parameters
     * @param maxLocals largest number of locals in a function
     * @param brTableEntries number of {@code br_table} entries in all bodies, without defaults
     * @param maxBrTableEntries largest number of {@code br_table} entries in one function, without defaults
     * @param maxDepth largest nesting depth of blocks; 0 without blocks
     * @param largest the largest bodies, largest first
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
     * @param function index of the function, counting imported functions
     * @param bytes size of the body in bytes, without its size prefix
     */
    public record Body(long function, long bytes) {}
}
