package dev.precast.engine.wasmtime.capi;

import dev.precast.module.WasmKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A compiled module or component, ready to be instantiated. Thread safe but for {@link #close}, after which it is used
 * no more; instances that run keep what they need.
 */
public final class CompiledCode implements AutoCloseable {
    private static final long CHUNK_BYTES = 1L << 30;

    private final Engine engine;
    private final WasmKind kind;
    private final MemorySegment pointer;

    CompiledCode(Engine engine, WasmKind kind, MemorySegment pointer) {
        this.engine = engine;
        this.kind = kind;
        this.pointer = pointer;
    }

    /** Module or component. */
    public WasmKind kind() {
        return kind;
    }

    /**
     * Writes what {@link Engine#deserialize} opens: an ELF file.
     *
     * @param out a file that is not there yet
     * @throws WasmtimeException if Wasmtime cannot
     */
    public void serialize(Path out) throws IOException, WasmtimeException {
        Functions functions = engine.library().functions();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vector = arena.allocate(Functions.VECTOR_BYTES, Long.BYTES);
            functions.check(serialize(functions, vector));
            try {
                write(Functions.bytes(vector), out);
            } finally {
                functions.free(vector);
            }
        }
    }

    private MemorySegment serialize(Functions functions, MemorySegment vector) {
        try {
            return (MemorySegment) functions.of(kind).serialize().invokeExact(pointer, vector);
        } catch (Throwable e) {
            throw Functions.unexpected("serialize", e);
        }
    }

    private static void write(MemorySegment bytes, Path out) throws IOException {
        try (FileChannel file = FileChannel.open(out, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (long at = 0; at < bytes.byteSize(); at += CHUNK_BYTES) {
                ByteBuffer chunk = bytes.asSlice(at, Math.min(CHUNK_BYTES, bytes.byteSize() - at))
                        .asByteBuffer();
                while (chunk.hasRemaining()) {
                    file.write(chunk);
                }
            }
        }
    }

    Engine engine() {
        return engine;
    }

    MemorySegment pointer() {
        return pointer;
    }

    /** Frees it. A file that it was opened from may go then, if nothing runs any more. */
    @Override
    public void close() {
        try {
            engine.library().functions().of(kind).delete().invokeExact(pointer);
        } catch (Throwable e) {
            throw Functions.unexpected("delete", e);
        }
    }
}
