package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which contents there are, page by page. What is put or deleted while somebody goes through the pages may be seen or
 * not; everything else is seen once.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} where the store fails.
 */
public interface ContentListing {
    /** Contents that {@link #forEach} reads at a time. */
    int PAGE = 1000;

    /**
     * Contents in the order of their digests.
     *
     * @param after only digests after this one, or null to begin with the first
     * @param max how many at most, at least 1; fewer come back only if there are no more
     * @throws IllegalArgumentException if {@code max} is less
     */
    List<Entry> contents(@Nullable Digest after, int max);

    /** Calls {@code each} with every content. */
    default void forEach(Consumer<Entry> each) {
        for (List<Entry> page = contents(null, PAGE); !page.isEmpty(); ) {
            page.forEach(each);
            page = page.size() < PAGE ? List.of() : contents(page.getLast().digest(), PAGE);
        }
    }

    /**
     * A content that is there.
     *
     * @param size in bytes
     * @param putAt when it was last put, on the store's own clock; up to an hour too early if it was there before
     */
    record Entry(Digest digest, long size, Instant putAt) {}
}
