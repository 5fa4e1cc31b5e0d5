package dev.precast.cli;

import dev.precast.artifact.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A payload in a file; there is no other source to fetch it from again. */
final class FilePayload implements Payload, AutoCloseable {
    private final FileChannel channel;

    FilePayload(Path file) throws IOException {
        channel = FileChannel.open(file);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public byte[] read(long offset, int length) throws IOException {
        if (offset + length > channel.size()) {
            throw new EOFException("expected " + length + " bytes at " + offset + " of " + channel.size());
        }
        ByteBuffer copy = ByteBuffer.allocate(length);
        while (copy.hasRemaining()) {
            if (channel.read(copy, offset + copy.position()) < 0) {
                throw new EOFException("expected " + length + " bytes at " + offset);
            }
        }
        return copy.array();
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
