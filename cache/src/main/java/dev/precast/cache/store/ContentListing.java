package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The port that lists contents in pages. Contents that are put or deleted during the listing may appear or not; all
 * others appear once.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} if the store fails.
 */
public interface ContentListing {
    /** Size of the pages of {@link #forEach}. */
    int PAGE = 1000;

    /**
     * Contents in the order of their digests.
     *
     * @param after only digests after this one; null for all
     * @param max maximum number of contents, at least 1; only the last page may have fewer
     * @throws IllegalArgumentException if {@code max} is below 1
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
     * A stored content.
     *
     * @param size in bytes
     * @param putAt time of the last put, by the store's clock; up to an hour too early if that put found the content
     *     already stored
     */
    record Entry(Digest digest, long size, Instant putAt) {}
}
