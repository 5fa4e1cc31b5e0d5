package dev.precast.host.disk;

import dev.precast.artifact.PayloadFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The present storage of a payload's bytes. Thread safe. */
public sealed interface StoredBytes {
    long size() throws IOException;

    /** A new array with a part of the bytes. */
    byte[] read(long offset, int length) throws IOException;

    /** The file of the bytes, if there is one and it was hashed as a whole. */
    default @Nullable PayloadFile verified() {
        return null;
    }

    /** Releases the bytes. Call it only after the last read. */
    default void close() throws IOException {}

    private static EOFException cutShort(long offset, int length, long size) {
        return new EOFException(
                "payload: too short: expected " + length + " bytes at offset " + offset + ", found a total of " + size);
    }

    /** Bytes on the heap. */
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
     * Bytes in an open file, which stays readable after its deletion. Uses no channel, because the interrupt of one
     * reading thread would close the channel for all. The descriptor is closed by {@link #close} or when this object is
     * unreachable.
     */
    final class InFile implements StoredBytes {
        private final RandomAccessFile file;
        private final @Nullable PayloadFile verified;
        private final ReentrantLock position = new ReentrantLock();

        /** @param verified path and identity, if the file was verified as a whole; otherwise null */
        InFile(RandomAccessFile file, @Nullable PayloadFile verified) {
            this.file = file;
            this.verified = verified;
        }

        @Override
        public @Nullable PayloadFile verified() {
            return verified;
        }

        /** The same bytes without {@link #verified}. */
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
