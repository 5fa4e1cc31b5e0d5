package dev.precast.test;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Small modules that need much time or memory to compile; each call builds them again. Each kind has two modules: one
 * exceeds the static caps, so no child should start for it; one is just within the caps, so the limits of the child
 * must end it. For others a compiler generates classes that no JVM accepts, so their functions are interpreted.
 */
final class Bombs {
    private static final byte I32 = 0x7f;
    private static final byte I64 = 0x7e;
    private static final byte BLOCK = 0x02;
    private static final byte LOOP = 0x03;
    private static final byte BR_TABLE = 0x0e;
    private static final byte DROP = 0x1a;
    private static final byte TRY_TABLE = 0x1f;
    private static final byte LOCAL_GET = 0x20;
    private static final byte I32_CONST = 0x41;
    private static final byte I64_CONST = 0x42;
    private static final byte END = 0x0b;
    private static final byte NO_RESULT = 0x40;

    private Bombs() {}

    static Map<String, byte[]> overCaps() {
        Map<String, byte[]> bombs = new LinkedHashMap<>();
        bombs.put("50,000 locals in 200 functions", functions(200, locals(50_000)));
        bombs.put("a br_table of 1,000,000", functions(1, brTable(1_000_000)));
        bombs.put("40 times a br_table of 49,999", functions(40, brTable(49_999)));
        bombs.put("200,000 nested blocks", functions(1, nested(200_000)));
        bombs.put("1,000,000 types", types(1_000_000));
        return bombs;
    }

    static Map<String, byte[]> withinCaps() {
        Map<String, byte[]> bombs = new LinkedHashMap<>();
        bombs.put("9,999 locals in 100 functions", functions(100, locals(9_999)));
        bombs.put("20 times a br_table of 49,999", functions(20, brTable(49_999)));
        bombs.put("9,999 nested blocks in 200 functions", functions(200, nested(9_999)));
        bombs.put("99,999 types", types(99_999));
        bombs.put("a function of 255 i64 results", manyResults(255));
        bombs.put("16,400 values on the stack", functions(1, deepStack(16_400)));
        return bombs;
    }

    /** Small valid modules for which this version of the compiler makes classes that no JVM accepts. */
    static Map<String, byte[]> unverifiable() {
        byte[] types =
                new Bytes().number(2).raw(0x60, 0, 0, 0x60, 2, I32, I64, 0).bytes();
        Map<String, byte[]> bombs = new LinkedHashMap<>();
        bombs.put(
                "an i64 beneath the parameters of a try_table", // a VerifyError
                function(types, I64_CONST, 0, I32_CONST, 0, I64_CONST, 0, TRY_TABLE, 1, 0, DROP, DROP, END, DROP, END));
        bombs.put(
                "a try_table around a nop", // a ClassFormatError
                function(types, TRY_TABLE, NO_RESULT, 0, 0x01, END, END));
        return bombs;
    }

    /** One function of type 0. */
    private static byte[] function(byte[] types, int... instructions) {
        byte[] body = new Bytes().number(0).raw(instructions).bytes();
        return module(
                types,
                new Bytes().number(1).number(0).bytes(),
                new Bytes().number(1).sized(body).bytes());
    }

    /** Functions of type {@code i32 -> i32}, all with the same body. */
    private static byte[] functions(int count, byte[] body) {
        Bytes indexes = new Bytes().number(count);
        Bytes bodies = new Bytes().number(count);
        for (int i = 0; i < count; i++) {
            indexes.number(0);
            bodies.sized(body);
        }
        return module(new Bytes().number(1).raw(0x60, 1, I32, 1, I32).bytes(), indexes.bytes(), bodies.bytes());
    }

    private static byte[] locals(int count) {
        return new Bytes().number(1).number(count).raw(I64, LOCAL_GET, 0, END).bytes();
    }

    private static byte[] brTable(int entries) {
        Bytes body = new Bytes().number(0).raw(BLOCK, NO_RESULT, BLOCK, NO_RESULT, LOCAL_GET, 0, BR_TABLE);
        body.number(entries);
        for (int i = 0; i <= entries; i++) {
            body.number(i & 1);
        }
        return body.raw(END, END, LOCAL_GET, 0, END).bytes();
    }

    private static byte[] nested(int depth) {
        Bytes body = new Bytes().number(0);
        for (int i = 0; i < depth; i++) {
            body.raw(BLOCK, NO_RESULT);
        }
        for (int i = 0; i < depth; i++) {
            body.raw(END);
        }
        return body.raw(LOCAL_GET, 0, END).bytes();
    }

    /** For a compiler that allocates registers: every local lives through every loop. */
    static byte[] loopsOverLocals(int locals, int loops) {
        Bytes body = new Bytes().number(1).number(locals).raw(I64);
        for (int i = 0; i < loops; i++) {
            body.raw(LOOP, NO_RESULT);
        }
        for (int i = 1; i <= locals; i++) {
            body.raw(LOCAL_GET).number(i).raw(0x42, 1, 0x7c, 0x21).number(i); // local = local + 1
        }
        for (int i = 0; i < loops; i++) {
            body.raw(LOCAL_GET, 0, 0x0d, 0, END); // br_if
        }
        return functions(1, body.raw(LOCAL_GET, 0, END).bytes());
    }

    private static byte[] deepStack(int values) {
        Bytes body = new Bytes().number(0);
        for (int i = 0; i < values; i++) {
            body.raw(I64_CONST, 0);
        }
        for (int i = 0; i < values; i++) {
            body.raw(DROP);
        }
        return body.raw(LOCAL_GET, 0, END).bytes();
    }

    private static byte[] types(int count) {
        Bytes types = new Bytes().number(count);
        for (int i = 0; i < count; i++) {
            types.raw(0x60, 0, 0);
        }
        return module(
                types.bytes(),
                new Bytes().number(1).number(0).bytes(),
                new Bytes()
                        .number(1)
                        .sized(new Bytes().number(0).raw(END).bytes())
                        .bytes());
    }

    /** More results than a JVM method can take as arguments. */
    private static byte[] manyResults(int count) {
        Bytes type = new Bytes().number(1).raw(0x60, 0).number(count);
        Bytes body = new Bytes().number(0);
        for (int i = 0; i < count; i++) {
            type.raw(I64);
            body.raw(I64_CONST, 0);
        }
        return module(
                type.bytes(),
                new Bytes().number(1).number(0).bytes(),
                new Bytes().number(1).sized(body.raw(END).bytes()).bytes());
    }

    /** An ordinary module, a different one for each number. */
    static byte[] good(int number) {
        byte[] add = new Bytes()
                .number(0)
                .raw(LOCAL_GET, 0, I32_CONST)
                .number(number & 63)
                .raw(0x6a, END)
                .bytes();
        return functions(number + 1, add);
    }

    private static byte[] module(byte[] types, byte[] functions, byte[] code) {
        return new Bytes()
                .raw(0, 'a', 's', 'm', 1, 0, 0, 0)
                .raw(1)
                .sized(types)
                .raw(3)
                .sized(functions)
                .raw(10)
                .sized(code)
                .bytes();
    }

    private static final class Bytes {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Bytes raw(int... bytes) {
            for (int b : bytes) {
                out.write(b);
            }
            return this;
        }

        /** LEB128, unsigned. */
        Bytes number(int value) {
            int rest = value;
            while (rest > 0x7f) {
                out.write((rest & 0x7f) | 0x80);
                rest >>>= 7;
            }
            out.write(rest);
            return this;
        }

        Bytes sized(byte[] bytes) {
            number(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
