package dev.precast.engine.chicory.compile;

import static dev.precast.engine.chicory.compile.Wasm.I32;
import static dev.precast.engine.chicory.compile.Wasm.I64;
import static dev.precast.engine.chicory.compile.Wasm.code;
import static dev.precast.engine.chicory.compile.Wasm.leb;
import static dev.precast.engine.chicory.compile.Wasm.sleb;

import java.util.LinkedHashMap;
import java.util.Map;

/** Unusual and ordinary modules. */
final class Modules {
    /** The number at address 16 of {@link #victim()}. */
    static final int SECRET = 'h' | 'e' << 8 | 'l' << 16 | 'l' << 24;

    private static final int[] NONE = {};
    private static final int[] ONE = {I32};
    private static final int[] TWO = {I32, I32};

    private Modules() {}

    /** All modules by their names. Their exported functions take i32s, or nothing. */
    static Map<String, byte[]> all() {
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("empty", new Wasm().bytes());
        all.put("only imports", new Wasm().imported("log", ONE).bytes());
        all.put("arithmetic", arithmetic());
        all.put("memory and traps", memory());
        all.put("indirect calls", indirect());
        all.put("atomic fence", fence());
        all.put("start and globals", started());
        all.put("several results", severalResults());
        all.put("exceptions", exceptions());
        all.put("tail call", tailCall());
        all.put("imports called", importCalled());
        all.put("a function too large", tooLarge(new byte[] {}));
        all.put("a function too large that tail-calls", tooLarge(code(0x20, 0, 0x12, 0)));
        all.put("ten thousand functions", many(10_000));
        all.put("custom sections", customSections());
        return all;
    }

    static byte[] arithmetic() {
        return new Wasm()
                .function("divide", TWO, ONE, 0, code(0x20, 0, 0x20, 1, 0x6d))
                .function(
                        "factorial",
                        ONE,
                        new int[] {I64},
                        0,
                        code(
                                0x20, 0, 0x45, 0x04, I64, 0x42, 1, 0x05, // if n == 0: 1
                                0x20, 0, 0xad, 0x20, 0, 0x41, 1, 0x6b, 0x10, 1, 0x7e,
                                0x0b)) // else n * factorial(n - 1)
                .function(
                        "sum",
                        ONE,
                        ONE,
                        1,
                        code(
                                0x03, 0x40, 0x20, 1, 0x20, 0, 0x6a, 0x21, 1, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0,
                                0x0b, 0x20, 1))
                .function("unreachable", NONE, NONE, 0, code(0x00))
                .function("deep", ONE, ONE, 0, code(0x20, 0, 0x10, 4))
                .bytes();
    }

    private static byte[] memory() {
        return new Wasm()
                .memory()
                .function("load", ONE, ONE, 0, code(0x20, 0, 0x28, 2, 0))
                .function("store", TWO, NONE, 0, code(0x20, 0, 0x20, 1, 0x36, 2, 0))
                .function("grow", ONE, ONE, 0, code(0x20, 0, 0x40, 0))
                .bytes();
    }

    private static byte[] fence() {
        return new Wasm()
                .memory()
                .function("fence", NONE, NONE, 0, code(0xfe, 3, 0))
                .bytes();
    }

    private static byte[] indirect() {
        return new Wasm()
                .function("one", ONE, ONE, 0, code(0x20, 0, 0x41, 1, 0x6a))
                .function("two", ONE, ONE, 0, code(0x20, 0, 0x41, 2, 0x6c))
                .function("other", TWO, ONE, 0, code(0x20, 1))
                .function("call", TWO, ONE, 0, code(0x20, 0, 0x20, 1, 0x11, 0, 0))
                .table(0, 1, 2)
                .bytes();
    }

    private static byte[] started() {
        return new Wasm()
                .global(40)
                .function("start", NONE, NONE, 0, code(0x23, 0, 0x41, 2, 0x6a, 0x24, 0))
                .function("get", NONE, ONE, 0, code(0x23, 0))
                .start(0)
                .bytes();
    }

    private static byte[] severalResults() {
        return new Wasm()
                .function("swap", TWO, TWO, 0, code(0x20, 1, 0x20, 0))
                .function("three", ONE, new int[] {I32, I64, I32}, 0, code(0x20, 0, 0x42, 7, 0x20, 0))
                .function("use", TWO, ONE, 0, code(0x20, 0, 0x20, 1, 0x10, 0, 0x6b))
                .bytes();
    }

    private static byte[] exceptions() {
        // try_table (result i32) (catch $tag 0) in a block that takes what was thrown
        byte[] caught = code(0x02, I32, 0x1f, I32, 1, 0, 0, 0, 0x20, 0, 0x10, 0, 0x41, 0, 0x0b, 0x0b);
        return new Wasm()
                .function("throw", ONE, NONE, 0, code(0x20, 0, 0x08, 0))
                .function("catch", ONE, ONE, 0, caught)
                .tag()
                .bytes();
    }

    private static byte[] tailCall() {
        return new Wasm()
                .function(
                        "count",
                        TWO,
                        ONE,
                        0,
                        code(
                                0x20, 0, 0x45, 0x04, I32, 0x20, 1, 0x05, 0x20, 0, 0x41, 1, 0x6b, 0x20, 1, 0x41, 1, 0x6a,
                                0x12, 0, 0x0b))
                .bytes();
    }

    private static byte[] importCalled() {
        return new Wasm()
                .imported("twice", ONE, I32)
                .function("call", ONE, ONE, 0, code(0x20, 0, 0x10, 0, 0x41, 1, 0x6a))
                .bytes();
    }

    /** A function beyond 64 KiB of JVM code, which calls a compiled one and is called by another. */
    static byte[] tooLarge(byte[] tail) {
        byte[] step = code(0x20, 1, 0x41, sleb(12_345), 0x6a, 0x21, 1);
        Object[] steps = new Object[20_000];
        java.util.Arrays.fill(steps, step);
        byte[] body =
                code(0x20, 0, 0x21, 1, code(steps), 0x20, 1, 0x10, 0, tail.length == 0 ? code() : code(0x1a, tail));
        return new Wasm()
                .function("half", ONE, ONE, 0, code(0x20, 0, 0x41, 1, 0x76))
                .function("large", ONE, ONE, 1, body)
                .function("caller", ONE, ONE, 0, code(0x20, 0, 0x10, 1, 0x41, 1, 0x6a))
                .bytes();
    }

    static byte[] many(int functions) {
        Wasm wasm = new Wasm();
        for (int i = 0; i < functions; i++) {
            wasm.function("f" + i, NONE, ONE, 0, code(0x41, sleb(i)));
        }
        return wasm.bytes();
    }

    /**
     * A module with an import, a memory, a table that it exports, and a function in it that is not called by other means
     * and writes 1 to address 4.
     */
    static byte[] victim() {
        return new Wasm()
                .imported("log", ONE)
                .memory()
                .function("hidden", ONE, NONE, 0, code(0x41, 4, 0x41, 1, 0x36, 2, 0))
                .table(1)
                .exportedTable()
                .bytes();
    }

    /** A module that imports the victim's table; its function 1 writes 5 to address 16 of its own memory. */
    static byte[] neighbour() {
        return new Wasm()
                .importedTable()
                .memory()
                .function("f", ONE, ONE, 0, code(0x20, 0))
                .function("g", ONE, ONE, 0, code(0x41, 16, 0x41, 5, 0x36, 2, 0, 0x20, 0))
                .bytes();
    }

    /** A function that drops a vector and gives 1. */
    static byte[] simd() {
        return new Wasm()
                .function("f", NONE, ONE, 0, code(0xfd, 12, new byte[16], 0x1a, 0x41, 1))
                .bytes();
    }

    /** So many functions of one type that an indirect call needs several methods. */
    static byte[] manyOfOneType() {
        Wasm wasm = new Wasm();
        for (int i = 0; i < 1_100; i++) {
            wasm.function("f" + i, ONE, ONE, 0, code(0x20, 0, 0x41, sleb(i), 0x6a));
        }
        return wasm.function("call", TWO, ONE, 0, code(0x20, 0, 0x20, 1, 0x11, 0, 0))
                .table(0, 1, 1_099)
                .bytes();
    }

    /** So many functions with references that calls from the host need several methods. */
    static byte[] manyReferences() {
        Wasm wasm = new Wasm();
        int[] reference = {Wasm.EXTERNREF};
        for (int i = 0; i < 4_200; i++) {
            wasm.function("f" + i, reference, reference, 0, code(0x20, 0));
        }
        return wasm.bytes();
    }

    /** So many types that their indirect calls do not fit one class. */
    static byte[] manyTypes() {
        Wasm wasm = new Wasm();
        int[] kinds = {I32, I64, Wasm.F64};
        for (int i = 0; i < 11_000; i++) {
            int[] params = new int[9];
            for (int p = 0, rest = i; p < params.length; p++, rest /= 3) {
                params[p] = kinds[rest % 3];
            }
            wasm.function("f" + i, params, NONE, 0, code());
        }
        return wasm.bytes();
    }

    static byte[] customSections() {
        byte[] name = code(1, leb(6), 1, 0, 3, 0x61, 0x62, 0x63);
        return new Wasm()
                .function("f", NONE, ONE, 0, code(0x41, 1))
                .custom("name", name)
                .custom("producers", new byte[] {0})
                .custom(".debug_info", new byte[100])
                .custom("mine", new byte[] {1, 2, 3})
                .bytes();
    }
}
