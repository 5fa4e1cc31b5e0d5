package dev.precast.engine.wasmtime.capi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/**
 * The options of the C API that change artifacts, named as in the C API: {@code wasmtime_config_consume_fuel_set} sets
 * {@code consume_fuel}. The configs of a library version contain only the options of that version.
 *
 * <p>Options that do not change artifacts are left out: stack sizes, threads, caches, profilers, allocators, shared
 * memories.
 */
enum Option {
    STRATEGY("cranelift", 1, "cranelift", "winch"),
    CRANELIFT_OPT_LEVEL("speed", 0, "none", "speed", "speed_and_size"),
    CRANELIFT_REGALLOC_ALGORITHM("backtracking", 0, "backtracking", "single_pass"),
    CRANELIFT_NAN_CANONICALIZATION(false),
    CRANELIFT_DEBUG_VERIFIER(false),
    DEBUG_INFO(false),
    NATIVE_UNWIND_INFO(true),
    CONSUME_FUEL(false),
    EPOCH_INTERRUPTION(false),
    /** Reserved address space of a memory in bytes; with 4 GiB, code needs almost no bounds checks. */
    MEMORY_RESERVATION(4L << 30),
    MEMORY_GUARD_SIZE(32L << 20),
    MEMORY_RESERVATION_FOR_GROWTH(2L << 30),
    MEMORY_MAY_MOVE(true),
    MEMORY_INIT_COW(true),
    SIGNALS_BASED_TRAPS(true),
    CONCURRENCY_SUPPORT(true),
    GC_SUPPORT(true),
    WASM_THREADS(true),
    WASM_TAIL_CALL(true),
    WASM_REFERENCE_TYPES(true),
    WASM_FUNCTION_REFERENCES(true),
    WASM_GC(true),
    WASM_SIMD(true),
    WASM_RELAXED_SIMD(true),
    WASM_RELAXED_SIMD_DETERMINISTIC(false),
    WASM_BULK_MEMORY(true),
    WASM_MULTI_VALUE(true),
    WASM_MULTI_MEMORY(true),
    WASM_MEMORY64(true),
    WASM_WIDE_ARITHMETIC(false),
    WASM_BRANCH_HINTING(false),
    WASM_EXCEPTIONS(true),
    WASM_CUSTOM_PAGE_SIZES(false),
    WASM_STACK_SWITCHING(false),
    WASM_COMPACT_IMPORTS(false),
    WASM_COMPONENT_MODEL(true),
    WASM_COMPONENT_MODEL_ASYNC(true),
    WASM_COMPONENT_MODEL_ASYNC_STACKFUL(false),
    WASM_COMPONENT_MODEL_MORE_ASYNC_BUILTINS(false),
    WASM_COMPONENT_MODEL_MAP(false),
    WASM_COMPONENT_MODEL_ACCESSORS(false),
    WASM_COMPONENT_MODEL_CANONICAL_NAMES(false),
    WASM_COMPONENT_MODEL_IMPLEMENTS(false);

    private final Json standard;
    private final int firstCode;
    private final List<String> words;

    Option(boolean standard) {
        this(Json.of(standard), 0, List.of());
    }

    Option(long standard) {
        this(Json.of(standard), 0, List.of());
    }

    Option(String standard, int firstCode, String... words) {
        this(Json.of(standard), firstCode, List.of(words));
    }

    /** @param firstCode the C constant of the first of {@code words}, the valid texts */
    Option(Json standard, int firstCode, List<String> words) {
        this.standard = standard;
        this.firstCode = firstCode;
        this.words = words;
    }

    /** The option's name in configs. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    private String setter() {
        return "wasmtime_config_" + key() + "_set";
    }

    boolean isIn(WasmtimeLibrary library) {
        return library.has(setter());
    }

    /** The default of {@code library} with Cranelift on a 64-bit machine. */
    Json standard(WasmtimeLibrary library) {
        return this == WASM_WIDE_ARITHMETIC ? Json.of(library.majorVersion() >= 49) : standard;
    }

    /** @throws JsonException if the value is invalid for this option */
    void requireValid(Json value) {
        boolean valid = switch (standard) {
            case Json.Bool bool -> value instanceof Json.Bool;
            case Json.Int number -> value instanceof Json.Int found && found.value() >= 0;
            default -> value instanceof Json.Text text && words.contains(text.value());
        };
        if (!valid) {
            throw new JsonException(key() + ": expected " + range() + ", found " + value.canonical());
        }
    }

    private String range() {
        return switch (standard) {
            case Json.Bool bool -> "true or false";
            case Json.Int number -> "a number of bytes";
            default -> "one of " + words;
        };
    }

    /** Sets the option to a valid value. */
    void set(WasmtimeLibrary library, MemorySegment config, Json value) {
        try {
            switch (value) {
                case Json.Bool bool ->
                    library.function(setter(), Functions.nothing(ADDRESS, JAVA_BOOLEAN))
                            .invokeExact(config, bool.value());
                case Json.Int number ->
                    library.function(setter(), Functions.nothing(ADDRESS, JAVA_LONG))
                            .invokeExact(config, number.value());
                default ->
                    library.function(setter(), Functions.nothing(ADDRESS, JAVA_BYTE))
                            .invokeExact(config, (byte) (firstCode + words.indexOf(value.asString(key()))));
            }
        } catch (Throwable e) {
            throw Functions.unexpected(setter(), e);
        }
    }
}
