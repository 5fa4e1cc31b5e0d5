package dev.precast.module;

import java.util.List;

/**
 * Size and structure of a component. Counts are exact; lists hold the first {@link ModuleFacts#MAX_LISTED} items.
 * Totals saturate at {@link Long#MAX_VALUE}.
 *
 * @param bytes size of the component in bytes
 * @param modules core modules in the component and in its nested components, in order
 * @param moduleCount number of core modules
 * @param componentCount number of nested components at any depth
 * @param imports imports of the outermost component, in order
 * @param importCount number of imports
 * @param exports exports of the outermost component, in order
 * @param exportCount number of exports
 * @param instance resources that one instantiation creates, without those of imported modules and components
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

    /** Number of functions in the listed core modules. */
    public long functions() {
        return modules.stream().mapToLong(m -> m.code().functions()).sum();
    }

    /** Size of all function bodies in the listed core modules, in bytes. */
    public long codeBytes() {
        return modules.stream().mapToLong(m -> m.code().bytes()).sum();
    }

    /**
     * A core module.
     *
     * @param offset from the start of the component, in bytes
     * @param bytes the module's size in bytes
     * @param code totals of the module's functions
     * @param dataBytes size of the module's data segments in bytes
     * @param once resources that one instantiation creates
     */
    public record Module(long offset, long bytes, ModuleFacts.Code code, long dataBytes, Footprint once) {}

    /**
     * One import or export.
     *
     * @param name of the interface, such as {@code wasi:cli/environment@0.2.6}, or of a function; truncated to 512
     *     bytes
     * @param kind such as {@code instance} or {@code func}
     */
    public record Extern(String name, String kind) {}

    /**
     * Resources that an instantiation creates.
     *
     * @param coreInstances number of instances of core modules
     * @param memories number of linear memories
     * @param memoryBytes initial size of these memories in bytes
     * @param tableElements initial number of table elements
     */
    public record Footprint(long coreInstances, long memories, long memoryBytes, long tableElements) {
        static final Footprint NONE = new Footprint(0, 0, 0, 0);
        private static final int PAGE = 1 << 16;

        /** The footprint of one core module. Its sizes cover only the listed memories and tables. */
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
