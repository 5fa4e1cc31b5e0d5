package dev.precast.engine.wasmtime.load;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.precast.artifact.Payload;
import dev.precast.artifact.PayloadFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * An open file with a path that always leads to this file, even if the original path is renamed or deleted:
 * {@code /proc/self/fd/N}. Java does not expose its file descriptors, so this class calls open(2). Linux only.
 */
final class OpenFile implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = function("open", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
    private static final int O_CLOEXEC = 0x80000;
    /** The flag's value on arm64 differs from that on x86_64 and riscv64. */
    private static final int O_NOFOLLOW = System.getProperty("os.arch", "").equals("aarch64") ? 0x8000 : 0x20000;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    /** Forbids further seals, shrinking, growing and writing. */
    private static final int ALL_SEALS = 1 | 2 | 4 | 8;

    private static final int CHUNK = 1 << 20;

    private final int descriptor;

    private OpenFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Opens a verified file.
     *
     * @throws FileNotFoundException if the file was deleted or replaced
     */
    static OpenFile of(PayloadFile file) throws IOException {
        OpenFile opened;
        try (Arena arena = Arena.ofConfined()) {
            opened = new OpenFile((int) OPEN.invokeExact(
                    arena.allocateFrom(file.path().toAbsolutePath().toString()), O_CLOEXEC | O_NOFOLLOW));
        } catch (Throwable e) {
            throw unexpected("open", e);
        }
        if (opened.descriptor < 0) {
            throw new FileNotFoundException(file.path() + ": cannot be opened; it may have been evicted");
        }
        String identity = PayloadFile.identityOf(opened.path());
        if (!identity.equals(file.identity())) {
            opened.close();
            throw new FileNotFoundException(
                    file.path() + ": file was replaced (expected " + file.identity() + ", found " + identity + ")");
        }
        return opened;
    }

    /**
     * Copies a payload into sealed memory, which nobody can write again. For payloads that are not in a private disk
     * cache.
     */
    static OpenFile sealed(Payload payload) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int made = (int) function("memfd_create", JAVA_INT, ADDRESS, JAVA_INT)
                    .invokeExact(arena.allocateFrom("precast"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            if (made < 0) {
                throw new IOException("memfd_create: failed to create memory for the payload");
            }
            OpenFile memory = new OpenFile(made);
            try {
                memory.copy(payload);
                int done = (int) LINKER.downcallHandle(
                                LINKER.defaultLookup().findOrThrow("fcntl"),
                                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                                Linker.Option.firstVariadicArg(2))
                        .invokeExact(made, F_ADD_SEALS, ALL_SEALS);
                if (done < 0) {
                    throw new IOException("fcntl: failed to seal the memory of the payload");
                }
                return memory;
            } catch (Throwable e) {
                memory.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw unexpected("memfd_create", e);
        }
    }

    private void copy(Payload payload) throws IOException {
        try (SeekableByteChannel out = Files.newByteChannel(path(), StandardOpenOption.WRITE)) {
            long size = payload.size();
            for (long at = 0; at < size; at += CHUNK) {
                ByteBuffer chunk = ByteBuffer.wrap(payload.read(at, (int) Math.min(CHUNK, size - at)));
                while (chunk.hasRemaining()) {
                    out.write(chunk);
                }
            }
        }
    }

    /** A path that leads to this file as long as it is open. */
    Path path() {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    /** Closes the descriptor. Mappings of the file stay valid. */
    @Override
    public void close() {
        try {
            int ignored = (int) CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw unexpected("close", e);
        }
    }

    private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }

    private static LinkageError unexpected(String function, Throwable e) {
        return new LinkageError(function + ": unexpected failure of the native call", e);
    }
}
