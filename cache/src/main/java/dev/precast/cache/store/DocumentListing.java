package dev.precast.cache.store;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The port that lists documents in pages. Documents that are written or deleted during the listing may appear or not;
 * all others appear once.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} if the store fails.
 */
public interface DocumentListing {
    /** Size of the pages of {@link #forEach}. */
    int PAGE = 1000;

    /**
     * Lists names, sorted by their characters.
     *
     * @param folder the first segments of names, with a slash at the end; empty for all documents
     * @param after only names after this one; null for all
     * @param max maximum number of names, at least 1; only the last page may have fewer
     * @throws IllegalArgumentException if {@code folder} or {@code max} is invalid
     */
    List<String> names(String folder, @Nullable String after, int max);

    /** Calls {@code each} with every name in the folder. */
    default void forEach(String folder, Consumer<String> each) {
        for (List<String> page = names(folder, null, PAGE); !page.isEmpty(); ) {
            page.forEach(each);
            page = page.size() < PAGE ? List.of() : names(folder, page.getLast(), PAGE);
        }
    }
}
