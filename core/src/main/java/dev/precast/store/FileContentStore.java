package dev.precast.store;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Content in a folder: {@code <first two digits>/<digest>}. A file is written beside its place under another name,
 * flushed to the disk, then moved.
 */
public final class FileContentStore implements ContentStore {
    private final Path folder;
    private final DurableFiles files;

    /** @param folder made if it is not there; temporaries that a crash left in it are removed */
    public FileContentStore(Path folder) {
        this.folder = folder;
        this.files = new DurableFiles(folder.resolve("tmp"));
    }

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes) throws IOException {
        try (DurableFiles.Temporary temporary = files.create()) {
            MessageDigest sha256 = Digest.sha256();
            long size = copy(in, temporary.channel(), sha256, maxBytes);
            if (size > maxBytes) {
                return new Put.TooLarge(maxBytes);
            }
            Digest found = Digest.finish(sha256);
            if (expected != null && !expected.equals(found)) {
                return new Put.WrongDigest(found);
            }
            Path place = place(found);
            if (Files.exists(place)) {
                return new Put.Stored(found, size, false);
            }
            temporary.moveTo(place);
            return new Put.Stored(found, size, true);
        }
    }

    private static long copy(InputStream in, FileChannel out, MessageDigest sha256, long maxBytes) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            size += n;
            if (size > maxBytes) {
                return size;
            }
            sha256.update(buffer, 0, n);
            DurableFiles.write(out, ByteBuffer.wrap(buffer, 0, n));
        }
        return size;
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        Path place = place(digest);
        try {
            return Optional.of(new FileBlob(place, Files.size(place)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException("reading " + digest + " in " + folder + ": " + e.getMessage(), true, e);
        }
    }

    @Override
    public boolean delete(Digest digest) {
        try {
            return Files.deleteIfExists(place(digest));
        } catch (IOException e) {
            throw new StoreException("deleting " + digest + " in " + folder + ": " + e.getMessage(), true, e);
        }
    }

    private Path place(Digest digest) {
        return folder.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    }

    private record FileBlob(Path file, long size) implements Blob {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }
}
