package dev.precast.engine.chicory.compile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Writes small modules in the binary format, instruction by instruction. */
final class Wasm {
    static final int I32 = 0x7f;
    static final int I64 = 0x7e;
    static final int F64 = 0x7c;
    static final int EXTERNREF = 0x6f;

    private final List<byte[]> types = new ArrayList<>();
    private final List<byte[]> imports = new ArrayList<>();
    private final List<byte[]> functions = new ArrayList<>();
    private final List<byte[]> globals = new ArrayList<>();
    private final List<byte[]> exports = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private final List<byte[]> customs = new ArrayList<>();
    private final List<byte[]> tableEntries = new ArrayList<>();
    private int start = -1;
    private boolean memory;
    private boolean importsTable;
    private boolean exportsTable;
    private byte[] tags = {};

    /** An imported function {@code env.name}; all imports come before the first function. */
    Wasm imported(String name, int[] params, int... results) {
        imports.add(concat(name("env"), name(name), new byte[] {0}, leb(type(params, results))));
        return this;
    }

    /** A function exported under {@code name}, with locals of type i32. */
    Wasm function(String name, int[] params, int[] results, int locals, byte[] code) {
        exports.add(concat(name(name), new byte[] {0}, leb(imports.size() + functions.size())));
        functions.add(leb(type(params, results)));
        byte[] declared = locals == 0 ? leb(0) : concat(leb(1), leb(locals), new byte[] {I32});
        byte[] body = concat(declared, code, new byte[] {0x0b});
        bodies.add(concat(leb(body.length), body));
        return this;
    }

    /** One page of memory, and {@code hello} at 16. */
    Wasm memory() {
        memory = true;
        return this;
    }

    Wasm global(int value) {
        globals.add(concat(new byte[] {I32, 1, 0x41}, sleb(value), new byte[] {0x0b}));
        return this;
    }

    /** A table whose elements are these functions. */
    Wasm table(int... elements) {
        for (int element : elements) {
            tableEntries.add(leb(element));
        }
        return this;
    }

    /** The table {@code env.table} with one element, imported. */
    Wasm importedTable() {
        importsTable = true;
        return this;
    }

    /** Exports the table as {@code table}. */
    Wasm exportedTable() {
        exportsTable = true;
        return this;
    }

    /** A tag with one i32. */
    Wasm tag() {
        tags = concat(new byte[] {0}, leb(type(new int[] {I32})));
        return this;
    }

    Wasm start(int function) {
        start = function;
        return this;
    }

    Wasm custom(String name, byte[] contents) {
        customs.add(concat(name(name), contents));
        return this;
    }

    byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
        section(out, 1, types);
        List<byte[]> allImports = new ArrayList<>(imports);
        if (importsTable) {
            allImports.add(concat(name("env"), name("table"), new byte[] {1, 0x70, 0, 1}));
        }
        section(out, 2, allImports);
        section(out, 3, functions);
        if (!tableEntries.isEmpty()) {
            section(out, 4, List.of(concat(new byte[] {0x70, 0}, leb(tableEntries.size()))));
        }
        if (memory) {
            section(out, 5, List.of(new byte[] {0, 1}));
        }
        if (tags.length > 0) {
            section(out, 13, List.of(tags));
        }
        section(out, 6, globals);
        List<byte[]> allExports = new ArrayList<>(exports);
        if (exportsTable) {
            allExports.add(concat(name("table"), new byte[] {1, 0}));
        }
        section(out, 7, allExports);
        if (start >= 0) {
            byte[] index = leb(start);
            out.write(8);
            out.writeBytes(leb(index.length));
            out.writeBytes(index);
        }
        if (!tableEntries.isEmpty()) {
            List<byte[]> elements = new ArrayList<>(tableEntries);
            elements.add(0, leb(tableEntries.size()));
            section(out, 9, List.of(concat(new byte[] {0, 0x41, 0, 0x0b}, concat(elements.toArray(byte[][]::new)))));
        }
        section(out, 10, bodies);
        if (memory) {
            section(out, 11, List.of(concat(new byte[] {0, 0x41, 16, 0x0b}, name("hello"))));
        }
        for (byte[] custom : customs) {
            out.write(0);
            out.writeBytes(leb(custom.length));
            out.writeBytes(custom);
        }
        return out.toByteArray();
    }

    private static void section(ByteArrayOutputStream out, int id, List<byte[]> items) {
        if (!items.isEmpty()) {
            byte[] contents = concat(leb(items.size()), concat(items.toArray(byte[][]::new)));
            out.write(id);
            out.writeBytes(leb(contents.length));
            out.writeBytes(contents);
        }
    }

    private int type(int[] params, int... results) {
        byte[] type = concat(new byte[] {0x60}, leb(params.length), raw(params), leb(results.length), raw(results));
        for (int i = 0; i < types.size(); i++) {
            if (Arrays.equals(types.get(i), type)) {
                return i;
            }
        }
        types.add(type);
        return types.size() - 1;
    }

    /** Instructions; a number below 256 is one byte. */
    static byte[] code(Object... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Object part : parts) {
            if (part instanceof byte[] bytes) {
                out.writeBytes(bytes);
            } else {
                out.write((Integer) part);
            }
        }
        return out.toByteArray();
    }

    static byte[] leb(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (rest >>> 7 != 0) {
            out.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return out.toByteArray();
    }

    static byte[] sleb(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        while (!(rest >> 6 == 0 || rest >> 6 == -1)) {
            out.write((rest & 0x7f) | 0x80);
            rest >>= 7;
        }
        out.write(rest & 0x7f);
        return out.toByteArray();
    }

    private static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return concat(leb(utf8.length), utf8);
    }

    private static byte[] raw(int[] values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    /** The bytes of a hexadecimal text. */
    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
