package dev.precast.cache.store;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which documents there are, page by page. What is written or deleted while somebody goes through the pages may be
 * seen or not; everything else is seen once.
 *
 * <p>Implementations are thread safe. They throw {@link StoreException} where the store fails.
 */
public interface DocumentListing {
    /** Names that {@link #forEach} reads at a time. */
    int PAGE = 1000;

    /**
     * Names in their order, which is that of their characters.
     *
     * @param folder what the names begin with: some segments and a slash, or nothing for all of them
     * @param after only names after this one, or null to begin with the first
     * @param max how many at most, at least 1; fewer come back only if there are no more
     * @throws IllegalArgumentException if {@code folder} or {@code max} is anything else
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
