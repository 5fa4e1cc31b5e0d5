package dev.precast.module;

import java.util.List;

/**
 * What a component's bytes say of its size and shape. Counts are exact; lists hold the first of each kind and are cut at
 * {@link ModuleFacts#MAX_LISTED}. What is declared saturates at {@link Long#MAX_VALUE}.
 *
 * @param bytes size of the component
 * @param modules core modules in it and in the components within, in order
 * @param moduleCount how many there are
 * @param componentCount components within, at any depth
 * @param imports what the outermost component imports, in order
 * @param importCount how many there are
 * @param exports what the outermost component exports, in order
 * @param exportCount how many there are
 * @param instance what instantiating it once makes, imports not counted
 */
public record ComponentFacts(
        long bytes,
        List<Module> modules,
        long moduleCount,
        long componentCount,
        List<Extern> imports,
        long importCount,
        List<Extern> exports,
        long exportCount,
        Footprint instance) {
    public ComponentFacts {
        modules = List.copyOf(modules);
        imports = List.copyOf(imports);
        exports = List.copyOf(exports);
    }

    /** Of the core modules that are listed. */
    public long functions() {
        return modules.stream().mapToLong(m -> m.code().functions()).sum();
    }

    /** The same: bytes of all bodies. */
    public long codeBytes() {
        return modules.stream().mapToLong(m -> m.code().bytes()).sum();
    }

    /**
     * A core module.
     *
     * @param offset from the start of the component, in bytes
     * @param bytes its size
     * @param code its functions
     * @param dataBytes of its data segments
     * @param once what instantiating it once makes
     */
    public record Module(long offset, long bytes, ModuleFacts.Code code, long dataBytes, Footprint once) {}

    /**
     * One import or export.
     *
     * @param name of the interface, such as {@code wasi:cli/environment@0.2.6}, or of a function; cut at 512 bytes
     * @param kind such as {@code instance} or {@code func}
     */
    public record Extern(String name, String kind) {}

    /**
     * What instantiating makes.
     *
     * @param coreInstances core modules instantiated
     * @param memories linear memories
     * @param memoryBytes of these at the start, with pages of 64 KiB
     * @param tableElements of tables at the start
     */
    public record Footprint(long coreInstances, long memories, long memoryBytes, long tableElements) {
        static final Footprint NONE = new Footprint(0, 0, 0, 0);
        private static final int PAGE = 1 << 16;

        /** Of one core module. Memories and tables beyond those listed are left out. */
        static Footprint of(ModuleFacts facts) {
            long bytes = 0;
            for (ModuleFacts.Limits memory : facts.memories()) {
                long pages = memory.min();
                bytes = CodeScan.plus(
                        bytes, pages < 0 || pages > Long.MAX_VALUE / PAGE ? Long.MAX_VALUE : pages * PAGE);
            }
            long elements = 0;
            for (ModuleFacts.Limits table : facts.tables()) {
                elements = CodeScan.plus(elements, table.min() < 0 ? Long.MAX_VALUE : table.min());
            }
            return new Footprint(1, facts.memoryCount(), bytes, elements);
        }

        Footprint plus(Footprint more) {
            return new Footprint(
                    CodeScan.plus(coreInstances, more.coreInstances),
                    CodeScan.plus(memories, more.memories),
                    CodeScan.plus(memoryBytes, more.memoryBytes),
                    CodeScan.plus(tableElements, more.tableElements));
        }
    }
}
