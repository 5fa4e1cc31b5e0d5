package dev.precast.engine.chicory.compile;

import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Payload;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.WholeCheck;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** Loads all of an artifact with the load side. */
final class ArtifactCheck {
    private ArtifactCheck() {}

    /** @throws RejectedException if a part of the artifact does not load */
    static void of(Path artifact, ModuleDigest module) throws IOException, RejectedException {
        try (RandomAccessFile file = new RandomAccessFile(artifact.toFile(), "r")) {
            WholeCheck.of(new InFile(file), module);
        } catch (RefusedException e) {
            throw new RejectedException(
                    RejectedException.UNLOADABLE,
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    private record InFile(RandomAccessFile in) implements Payload {
        @Override
        public long size() throws IOException {
            return in.length();
        }

        @Override
        public byte[] read(long offset, int length) throws IOException {
            if (length < 0 || offset > in.length() - length) {
                throw new EOFException("artifact: ends before byte " + (offset + length));
            }
            byte[] bytes = new byte[length];
            in.seek(offset);
            in.readFully(bytes);
            return bytes;
        }

        @Override
        public boolean refetch() {
            return false;
        }
    }
}
