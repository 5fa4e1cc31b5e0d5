package dev.precast.module;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes wasm byte by byte, so that tests can also write malformed modules. */
public final class WasmBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Starts with the preamble of a core module. */
    public static WasmBytes module() {
        return new WasmBytes().raw(0, 'a', 's', 'm', 1, 0, 0, 0);
    }

    /** A module of functions without parameters and results, all with the same locals and instructions. */
    public static byte[] functions(int count, Consumer<WasmBytes> body) {
        return module().section(1, s -> s.u(1).raw(0x60, 0, 0))
                .section(3, s -> s.u(count).times(count, 0))
                .section(10, s -> {
                    s.u(count);
                    for (int i = 0; i < count; i++) {
                        s.sized(body);
                    }
                })
                .bytes();
    }

    public WasmBytes raw(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    public WasmBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /** Unsigned LEB128. */
    public WasmBytes u(long value) {
        long rest = value;
        while (Long.compareUnsigned(rest, 0x7f) > 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    public WasmBytes name(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        return u(utf8.length).raw(utf8);
    }

    public WasmBytes times(int count, int... bytes) {
        for (int i = 0; i < count; i++) {
            raw(bytes);
        }
        return this;
    }

    public WasmBytes section(int id, Consumer<WasmBytes> content) {
        return raw(id).sized(content);
    }

    /** The content with its size before it. */
    public WasmBytes sized(Consumer<WasmBytes> content) {
        WasmBytes inner = new WasmBytes();
        content.accept(inner);
        return u(inner.out.size()).raw(inner.bytes());
    }

    public byte[] bytes() {
        return out.toByteArray();
    }
}
