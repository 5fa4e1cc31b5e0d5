package dev.precast.module;

import java.util.function.ToLongFunction;

/**
 * A static limit of modules, with its default. The defaults are higher than the largest values found in real modules
 * (26 MB, 17,825 functions, 1,220 locals and 5,490 br_table entries in one function, 277,905 br_table entries in the
 * whole module, 98,450 data segments, 3,289 nested blocks), but stop small modules that are expensive to compile.
 */
public enum Cap {
    /** Size of the module in bytes. */
    MODULE_BYTES("moduleBytes", 256L << 20, ModuleFacts::bytes),
    TYPES("types", 100_000, f -> f.types().count()),
    /** Parameters, results or fields of one type. */
    TYPE_WIDTH(
            "typeWidth",
            1_000,
            f -> Math.max(
                    f.types().maxParams(),
                    Math.max(f.types().maxResults(), f.types().maxFields()))),
    /** Parameters of all functions, in total. */
    TOTAL_PARAMS("totalParams", 2_000_000, f -> f.code().params()),
    IMPORTS("imports", 100_000, f -> f.importCounts().total()),
    EXPORTS("exports", 100_000, ModuleFacts::exportCount),
    FUNCTIONS("functions", 250_000, f -> f.code().functions()),
    TABLES("tables", 1_000, ModuleFacts::tableCount),
    MEMORIES("memories", 100, ModuleFacts::memoryCount),
    GLOBALS("globals", 100_000, ModuleFacts::globals),
    TAGS("tags", 10_000, ModuleFacts::tags),
    ELEMENT_SEGMENTS("elementSegments", 100_000, f -> f.elements().count()),
    /** Elements of all segments, in total. */
    ELEMENTS("elements", 10_000_000, f -> f.elements().size()),
    DATA_SEGMENTS("dataSegments", 1_000_000, f -> f.data().count()),
    /** Size of the largest body in bytes. */
    BODY_BYTES("bodyBytes", 7_654_321, f -> f.code().maxBodyBytes()),
    /** Largest number of declared locals in a function. */
    LOCALS("locals", 10_000, f -> f.code().maxLocals()),
    TOTAL_LOCALS("totalLocals", 1_000_000, f -> f.code().locals()),
    /** Largest number of {@code br_table} entries in one function, summed over its tables. */
    BR_TABLE_ENTRIES("brTableEntries", 50_000, f -> f.code().maxBrTableEntries()),
    /**
     * Number of {@code br_table} entries in the module. Chicory's compiler starts again from the beginning for each
     * function whose entries do not fit into a JVM method.
     */
    TOTAL_BR_TABLE_ENTRIES("totalBrTableEntries", 1_000_000, f -> f.code().brTableEntries()),
    /** Nesting depth of blocks. */
    NESTING("nesting", 10_000, f -> f.code().maxDepth());

    private final String label;
    private final long defaultLimit;
    private final ToLongFunction<ModuleFacts> value;

    Cap(String label, long defaultLimit, ToLongFunction<ModuleFacts> value) {
        this.label = label;
        this.defaultLimit = defaultLimit;
        this.value = value;
    }

    /** The cap's name in JSON, configuration and messages. */
    public String label() {
        return label;
    }

    /** The default limit. */
    public long defaultLimit() {
        return defaultLimit;
    }

    /** The module's value. */
    public long valueIn(ModuleFacts facts) {
        return value.applyAsLong(facts);
    }
}
