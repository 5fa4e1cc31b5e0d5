package dev.precast.cache.store;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import com.github.luben.zstd.util.Native;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;

/**
 * The zstd form of payloads. Equal payloads have equal zstd forms, as long as the version of zstd is the same.
 *
 * <p>Methods that encode or decode throw {@link LinkageError} if the native code cannot be loaded.
 */
public final class ZstdForm {
    /** Chosen by measurements: see {@code docs/explanation/precompiler.md}. */
    private static final int LEVEL = 3;
    /** Maximum window of a form that is decoded, as a power of two: 16 MiB. */
    private static final int MAX_WINDOW = 24;

    private ZstdForm() {}

    /**
     * Loads zstd's native code, so that a missing library is detected at the start.
     *
     * @throws IOException if the native code cannot be loaded; the message says what to do
     */
    public static void requireNative() throws IOException {
        try {
            Native.load();
        } catch (LinkageError e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IOException(
                    "zstd: cannot load the native library from " + System.getProperty("java.io.tmpdir") + ": " + why
                            + "; set -Djava.io.tmpdir to a folder that is not mounted with noexec",
                    e);
        }
    }

    /** Compresses what is written to it. Closing it completes the form and closes {@code out}. */
    public static OutputStream encoder(OutputStream out) throws IOException {
        return new ZstdOutputStream(out, LEVEL);
    }

    /**
     * The payload of a zstd form. Reading throws {@link com.github.luben.zstd.ZstdIOException} if {@code form} is
     * malformed.
     */
    public static InputStream decoded(InputStream form) throws IOException {
        return new ZstdInputStream(form).setLongMax(MAX_WINDOW);
    }

    /** The zstd form of a payload. Closing it closes {@code payload}. */
    public static InputStream encoded(InputStream payload) throws IOException {
        return new Encoded(payload);
    }

    private static final class Encoded extends InputStream {
        private final InputStream payload;
        private final byte[] piece = new byte[1 << 14];
        private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        private final OutputStream zstd = encoder(buffer);
        private InputStream ready = InputStream.nullInputStream();
        private boolean complete;

        Encoded(InputStream payload) throws IOException {
            this.payload = payload;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, into.length);
            if (length == 0) {
                return 0;
            }
            int n = ready.read(into, offset, length);
            while (n < 0 && !complete) {
                encodeMore();
                n = ready.read(into, offset, length);
            }
            return n;
        }

        private void encodeMore() throws IOException {
            int n = payload.read(piece);
            if (n < 0) {
                zstd.close();
                complete = true;
            } else {
                zstd.write(piece, 0, n);
            }
            ready = new ByteArrayInputStream(buffer.toByteArray());
            buffer.reset();
        }

        @Override
        public void close() throws IOException {
            try (InputStream closed = payload) {
                zstd.close();
            }
        }
    }
}
