package dev.precast.api.edge;

import dev.precast.artifact.FileErrors;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A payload that is being downloaded into a temporary file, and that hosts read meanwhile. The last byte can be read only
 * after {@link #verified}, so that no host gets a complete payload with wrong bytes.
 *
 * <p>Thread safe, except that one thread fills it.
 */
final class GrowingFile implements Blob, AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Path file;
    private final SizedDigest form;
    private final ContentStore kept;
    private long readable;
    private boolean failed;

    /**
     * @param folder for the temporary file
     * @param kept the store that has the form after {@link #verified}
     */
    GrowingFile(Path folder, SizedDigest form, ContentStore kept) {
        this.form = form;
        this.kept = kept;
        try {
            Files.createDirectories(folder);
            this.file = Files.createTempFile(folder, "", ".part");
        } catch (IOException e) {
            throw new StoreException("writing to " + folder + ": " + FileErrors.text(e), true, e);
        }
    }

    /**
     * Writes the bytes of the download.
     *
     * @return false if there are more than the form has
     * @throws IOException if reading {@code in} fails
     * @throws StoreException if the disk fails
     */
    boolean fill(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long written = 0;
        try (OutputStream out = opened()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                written += n;
                if (written > form.size()) {
                    return false;
                }
                write(out, buffer, n);
                allow(Math.min(written, form.size() - 1));
            }
        }
        return true;
    }

    private OutputStream opened() {
        try {
            return Files.newOutputStream(file);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private void write(OutputStream out, byte[] bytes, int length) {
        try {
            out.write(bytes, 0, length);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private StoreException unwritable(IOException e) {
        return new StoreException("writing " + file + ": " + FileErrors.text(e), true, e);
    }

    /** What was written, for the check. */
    InputStream written() throws IOException {
        return Files.newInputStream(file);
    }

    /** The store has the form now, so all bytes are right. */
    void verified() {
        allow(form.size());
    }

    private synchronized void allow(long bytes) {
        readable = bytes;
        notifyAll();
    }

    /** Deletes the file. If its bytes are not verified, reading fails from now on. */
    @Override
    public void close() {
        synchronized (this) {
            failed = readable < form.size();
            notifyAll();
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public long size() {
        return form.size();
    }

    @Override
    public InputStream open() throws IOException {
        return open(0);
    }

    @Override
    public InputStream open(long from) throws IOException {
        try {
            return new Reader(new RandomAccessFile(file.toFile(), "r"), from);
        } catch (FileNotFoundException e) {
            return kept.find(form.digest()).orElseThrow(() -> e).open(from);
        }
    }

    /** Waits until bytes after an offset can be read; returns how many. */
    private synchronized long await(long offset) throws IOException {
        try {
            while (readable <= offset && !failed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("download: interrupted");
        }
        if (readable <= offset) {
            throw new IOException("download: the upstream did not send the attested bytes");
        }
        return readable - offset;
    }

    private final class Reader extends InputStream {
        private final RandomAccessFile in;
        private long at;

        Reader(RandomAccessFile in, long at) throws IOException {
            this.in = in;
            this.at = at;
            in.seek(at);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (at == form.size()) {
                return -1;
            }
            int n = in.read(into, offset, (int) Math.min(length, await(at)));
            at += Math.max(0, n);
            return n;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
