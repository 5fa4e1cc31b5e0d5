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
 * An open file under a name that means this file and no other, whatever is renamed or unlinked meanwhile: {@code
 * /proc/self/fd/N}. Java has no name for its own descriptors, so open(2) is called. Linux only.
 */
final class OpenFile implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = function("open", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = function("close", JAVA_INT, JAVA_INT);
    private static final int O_CLOEXEC = 0x80000;
    /** The same bit on x86_64 and riscv64; arm64 has another. */
    private static final int O_NOFOLLOW = System.getProperty("os.arch", "").equals("aarch64") ? 0x8000 : 0x20000;

    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033;
    /** Against sealing, shrinking, growing and writing. */
    private static final int ALL_SEALS = 1 | 2 | 4 | 8;

    private static final int CHUNK = 1 << 20;

    private final int descriptor;

    private OpenFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Opens the file that was verified.
     *
     * @throws FileNotFoundException if another file stands there now, or none
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
            throw new FileNotFoundException(file.path() + " cannot be opened; it may be evicted");
        }
        String identity = PayloadFile.identityOf(opened.path());
        if (!identity.equals(file.identity())) {
            opened.close();
            throw new FileNotFoundException(
                    file.path() + ": verified was file " + file.identity() + ", there is " + identity);
        }
        return opened;
    }

    /**
     * Copies a payload into memory that can never be written again, for where there is no file that is this process's
     * alone.
     */
    static OpenFile sealed(Payload payload) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int made = (int) function("memfd_create", JAVA_INT, ADDRESS, JAVA_INT)
                    .invokeExact(arena.allocateFrom("precast"), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            if (made < 0) {
                throw new IOException("memfd_create: no memory that can be sealed");
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
                    throw new IOException("memory of the payload cannot be sealed");
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

    /** Means this very file as long as it is open. */
    Path path() {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    /** What mapped it keeps its mapping. */
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
        return new LinkageError("calling " + function, e);
    }
}
