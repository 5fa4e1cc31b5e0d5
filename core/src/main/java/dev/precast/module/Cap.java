package dev.precast.module;

import java.util.function.ToLongFunction;

/**
 * A number that a module may not exceed, with its default. The defaults leave room above the largest that were found in
 * real modules (26 MB, 17,825 functions, 1,220 locals and 5,490 br_table entries in one function, 277,905 of these in all,
 * 98,450 data segments, 3,289 nested blocks) and stop what is small to send and large to compile.
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
    /** Parameters of all functions together. */
    TOTAL_PARAMS("totalParams", 2_000_000, f -> f.code().params()),
    IMPORTS("imports", 100_000, f -> f.importCounts().total()),
    EXPORTS("exports", 100_000, ModuleFacts::exportCount),
    FUNCTIONS("functions", 250_000, f -> f.code().functions()),
    TABLES("tables", 1_000, ModuleFacts::tableCount),
    MEMORIES("memories", 100, ModuleFacts::memoryCount),
    GLOBALS("globals", 100_000, ModuleFacts::globals),
    TAGS("tags", 10_000, ModuleFacts::tags),
    ELEMENT_SEGMENTS("elementSegments", 100_000, f -> f.elements().count()),
    /** Elements of all segments together. */
    ELEMENTS("elements", 10_000_000, f -> f.elements().size()),
    DATA_SEGMENTS("dataSegments", 1_000_000, f -> f.data().count()),
    /** Size of the largest body in bytes. */
    BODY_BYTES("bodyBytes", 7_654_321, f -> f.code().maxBodyBytes()),
    /** Declared locals of the function with the most. */
    LOCALS("locals", 10_000, f -> f.code().maxLocals()),
    TOTAL_LOCALS("totalLocals", 1_000_000, f -> f.code().locals()),
    /** Entries of the {@code br_table} instructions of one function together. */
    BR_TABLE_ENTRIES("brTableEntries", 50_000, f -> f.code().maxBrTableEntries()),
    /** Chicory's compiler starts over for each function whose entries alone are too large for a JVM method. */
    TOTAL_BR_TABLE_ENTRIES("totalBrTableEntries", 1_000_000, f -> f.code().brTableEntries()),
    /** Blocks within blocks. */
    NESTING("nesting", 10_000, f -> f.code().maxDepth());

    private final String label;
    private final long defaultLimit;
    private final ToLongFunction<ModuleFacts> value;

    Cap(String label, long defaultLimit, ToLongFunction<ModuleFacts> value) {
        this.label = label;
        this.defaultLimit = defaultLimit;
        this.value = value;
    }

    /** Its name in JSON, configuration and messages. */
    public String label() {
        return label;
    }

    /** The limit where nothing else is configured. */
    public long defaultLimit() {
        return defaultLimit;
    }

    /** What the module has. */
    public long valueIn(ModuleFacts facts) {
        return value.applyAsLong(facts);
    }
}
