package dev.precast.host.disk;

import dev.precast.artifact.PayloadFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A payload's bytes as they are kept just now. Thread safe. */
public sealed interface StoredBytes {
    long size() throws IOException;

    /** A fresh copy. */
    byte[] read(long offset, int length) throws IOException;

    /** The file that they are in, if there is one and it was hashed whole. */
    default @Nullable PayloadFile verified() {
        return null;
    }

    /** For who knows that nobody reads them any more. */
    default void close() throws IOException {}

    private static EOFException cutShort(long offset, int length, long size) {
        return new EOFException("expected " + length + " bytes at " + offset + ", the payload has " + size);
    }

    /** In the heap. */
    public final class InHeap implements StoredBytes {
        private final byte[] bytes;

        public InHeap(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            if (offset < 0 || length < 0 || offset > bytes.length - length) {
                throw cutShort(offset, length, bytes.length);
            }
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }
    }

    /**
     * In an open file, which stays readable when its name is gone. Not a channel, because the interrupt of one reading
     * thread would close that for all. The descriptor is closed when nobody refers to this any more, or at once by who asks.
     */
    final class InFile implements StoredBytes {
        private final RandomAccessFile file;
        private final @Nullable PayloadFile verified;
        private final ReentrantLock position = new ReentrantLock();

        /** @param verified its name and identity, if it was verified as a whole */
        InFile(RandomAccessFile file, @Nullable PayloadFile verified) {
            this.file = file;
            this.verified = verified;
        }

        @Override
        public @Nullable PayloadFile verified() {
            return verified;
        }

        /** The same bytes, whose file is not told to anybody. */
        public InFile unverified() {
            return new InFile(file, null);
        }

        @Override
        public long size() throws IOException {
            return file.length();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            position.lock();
            try {
                long size = file.length();
                if (offset < 0 || length < 0 || offset > size - length) {
                    throw cutShort(offset, length, size);
                }
                byte[] copy = new byte[length];
                file.seek(offset);
                file.readFully(copy);
                return copy;
            } finally {
                position.unlock();
            }
        }
    }
}
