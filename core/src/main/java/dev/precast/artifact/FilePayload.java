package dev.precast.artifact;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A payload in a file that stays open until {@link #close}. {@link #refetch} returns false. Thread safe. */
public final class FilePayload implements Payload, AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    /** @throws IOException if the file cannot be opened for reading */
    public FilePayload(Path file) throws IOException {
        this.file = file;
        this.channel = FileChannel.open(file);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
        if (offset + length > channel.size()) {
            throw ended(offset, length);
        }
        ByteBuffer copy = ByteBuffer.allocate(length);
        while (copy.hasRemaining()) {
            if (channel.read(copy, offset + copy.position()) < 0) {
                throw ended(offset, length);
            }
        }
        return copy.array();
    }

    private EOFException ended(long offset, int length) throws IOException {
        return new EOFException(file + ": file too short (expected " + length + " bytes at offset " + offset
                + ", found a file of " + channel.size() + " bytes)");
    }

    @Override
    public boolean refetch() {
        return false;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
