package dev.precast.cache;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A blob whose bytes are hashed while they are read. A reader that skips bytes or stops before the last one yields no
 * digest.
 *
 * @param check decides which readers are watched, and gets their digests
 */
record WatchedBlob(Blob blob, Check check) implements Blob {
    /** Called by any thread. */
    interface Check {
        /** Whether to watch a reader that begins now: to hash its bytes. */
        boolean begin();

        /**
         * Called once for each watched reader, when it has read the last byte or is closed before.
         *
         * @param read the digest of all bytes; empty if the reader skipped bytes or stopped before the last one
         */
        void end(Optional<Digest> read);
    }

    @Override
    public long size() {
        return blob.size();
    }

    @Override
    public InputStream open() throws IOException {
        if (!check.begin()) {
            return blob.open();
        }
        try {
            return new Watched(blob.open());
        } catch (IOException | RuntimeException | Error e) {
            check.end(Optional.empty());
            throw e;
        }
    }

    @Override
    public InputStream open(long from) throws IOException {
        return from == 0 ? open() : blob.open(from);
    }

    private final class Watched extends FilterInputStream {
        private final MessageDigest sha256 = Digest.sha256();
        private long left = blob.size();
        private boolean skipped;
        private boolean ended;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            if (n > 0 && !skipped) {
                sha256.update(into, offset, n);
                left -= n;
                if (left == 0) {
                    end(Optional.of(Digest.finish(sha256)));
                }
            }
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            skipped = true;
            return super.skip(n);
        }

        private void end(Optional<Digest> read) {
            if (!ended) {
                ended = true;
                check.end(read);
            }
        }

        @Override
        public void close() throws IOException {
            end(Optional.empty());
            super.close();
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
