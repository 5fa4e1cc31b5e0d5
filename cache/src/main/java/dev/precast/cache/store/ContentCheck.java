package dev.precast.cache.store;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;

/** Checks stored content by reading and hashing it, whatever checksum the store remembers. */
public final class ContentCheck {
    private ContentCheck() {}

    /** What the bytes are. */
    public sealed interface Result {
        /** @param size number of bytes */
        record Whole(long size) implements Result {}

        /**
         * The content has another digest, even when it is read a second time.
         *
         * @param found the digest of the stored bytes
         * @param size number of stored bytes
         */
        record Damaged(Digest found, long size) implements Result {}

        /** Nothing is stored under the digest. */
        record Missing() implements Result {}

        /**
         * The store or the disk failed, so that nothing is known about the bytes.
         *
         * @param why the error
         */
        record Unreadable(String why) implements Result {}
    }

    /**
     * Reads the content with this digest from the store. If the store fails, returns {@link Result.Unreadable} instead
     * of throwing.
     *
     * @param rate limits how fast the content is read
     */
    public static Result of(ContentStore store, Digest digest, ByteRate rate) {
        Result first = once(store, digest, rate);
        return first instanceof Result.Damaged ? once(store, digest, rate) : first;
    }

    private static Result once(ContentStore store, Digest digest, ByteRate rate) {
        try {
            Blob blob = store.find(digest).orElse(null);
            if (blob == null) {
                return new Result.Missing();
            }
            try (InputStream in = rate.on(blob.open())) {
                Digest found = Digest.of(in);
                return found.equals(digest) ? new Result.Whole(blob.size()) : new Result.Damaged(found, blob.size());
            }
        } catch (FileNotFoundException | NoSuchFileException e) {
            return new Result.Missing(); // Deleted in between.
        } catch (IOException | StoreException e) {
            return new Result.Unreadable(String.valueOf(e.getMessage()));
        }
    }
}
