package dev.precast.s3;

import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * A temporary file with the bytes of an upload. The file is unlinked at once, so that nothing remains if the process
 * ends. This class uses no {@code FileChannel}, because the SDK interrupts attempts, and an interrupt closes a channel.
 */
final class SpoolFile implements AutoCloseable {
    private final Path folder;
    private final RandomAccessFile file;
    private long size;

    private SpoolFile(Path folder, RandomAccessFile file) {
        this.folder = folder;
        this.file = file;
    }

    static SpoolFile open(Path folder) {
        try {
            Path named = Files.createTempFile(Files.createDirectories(folder), "", ".spool");
            try {
                return new SpoolFile(folder, new RandomAccessFile(named.toFile(), "rw"));
            } finally {
                Files.delete(named);
            }
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    long size() {
        return size;
    }

    void write(byte[] bytes, int length) {
        try {
            file.write(bytes, 0, length);
            size += length;
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /** The content of the file; may be sent several times, but only one after the other. */
    RequestBody body() {
        return RequestBody.fromContentProvider(Content::new, size, "application/octet-stream");
    }

    private static StoreException failed(Path folder, IOException e) {
        return StoreFullException.of("spool folder " + folder + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /** A stream of the file's content. Closing it does not close the file. */
    private final class Content extends InputStream {
        private long position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            file.seek(position);
            int n = file.read(into, offset, length);
            position += Math.max(0, n);
            return n;
        }
    }
}
