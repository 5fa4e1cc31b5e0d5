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
 * A compiled module or component. Thread safe. After {@link #close} the code cannot be used again; running calls
 * continue to their end.
 */
public final class CompiledCode implements AutoCloseable {
    private static final long CHUNK_BYTES = 1L << 30;

    private final Engine engine;
    private final WasmKind kind;
    private final Handle handle;

    /** @param keepsEngine keeps the engine from being freed; closed when this code is freed */
    CompiledCode(Engine engine, Handle.Use keepsEngine, WasmKind kind, MemorySegment pointer) {
        this.engine = engine;
        this.kind = kind;
        this.handle = new Handle("Wasmtime's code", pointer, () -> {
            delete(engine.library(), kind, pointer);
            keepsEngine.close();
        });
    }

    private static void delete(WasmtimeLibrary library, WasmKind kind, MemorySegment pointer) {
        try {
            library.functions().of(kind).delete().invokeExact(pointer);
        } catch (Throwable e) {
            throw Functions.unexpected("delete", e);
        }
    }

    /** Module or component. */
    public WasmKind kind() {
        return kind;
    }

    /**
     * Writes an ELF file for {@link Engine#deserialize}.
     *
     * @param out a file that does not exist yet
     * @throws WasmtimeException if Wasmtime cannot serialize the code
     * @throws IllegalStateException if this code is closed
     */
    public void serialize(Path out) throws IOException, WasmtimeException {
        Functions functions = engine.library().functions();
        try (Handle.Use used = use();
                Arena arena = Arena.ofConfined()) {
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
            return (MemorySegment) functions.of(kind).serialize().invokeExact(handle.pointer(), vector);
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

    /**
     * Keeps code and engine from being freed until the result is closed. Calls that use their pointers need this.
     *
     * @throws IllegalStateException if it is closed
     */
    Handle.Use use() {
        return handle.use();
    }

    MemorySegment pointer() {
        return handle.pointer();
    }

    /**
     * Frees the code now, or after running calls have ended. Until then nobody may change the content of the file from
     * which the code was opened.
     */
    @Override
    public void close() {
        handle.close();
    }
}
