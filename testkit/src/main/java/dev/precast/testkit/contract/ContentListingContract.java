package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.ContentStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of {@link ContentListing}. The test of each adapter extends it. */
public abstract class ContentListingContract<S extends ContentStore & ContentListing> {
    private S store;

    /** An empty store; called once per test. */
    protected abstract S emptyStore() throws Exception;

    /** Advances the store's clock by {@code time}, or sets the times of its contents back by {@code time}. */
    protected abstract void letPass(Duration time) throws Exception;

    /** Sets the times of all files back by {@code time}, for stores that use these times. */
    protected static void makeOlder(Path folder, Duration time) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> files = found.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                Files.setLastModifiedTime(
                        file,
                        FileTime.from(
                                Files.getLastModifiedTime(file).toInstant().minus(time)));
            }
        }
    }

    @BeforeEach
    void open() throws Exception {
        store = emptyStore();
    }

    @Test
    void an_empty_store_has_no_contents() {
        assertThat(store.contents(null, 10)).isEmpty();
    }

    @Test
    void a_content_is_listed_with_its_size_and_time() throws IOException {
        Digest digest = put(7);

        assertThat(store.contents(null, 10)).singleElement().satisfies(entry -> {
            assertThat(entry.digest()).isEqualTo(digest);
            assertThat(entry.size()).isEqualTo(7);
            assertThat(entry.putAt())
                    .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 40, 100})
    void pages_together_hold_every_content_once_in_order(int max) throws IOException {
        List<Digest> all = new ArrayList<>();
        for (int size = 0; size < 40; size++) {
            all.add(put(size));
        }
        all.sort(null);

        List<Digest> paged = new ArrayList<>();
        @Nullable Digest after = null;
        for (var page = store.contents(after, max); !page.isEmpty(); page = store.contents(after, max)) {
            assertThat(page.size()).isLessThanOrEqualTo(max);
            page.forEach(entry -> paged.add(entry.digest()));
            after = paged.get(paged.size() - 1);
        }
        assertThat(paged).isEqualTo(all);
    }

    @Test
    void a_page_begins_after_a_digest_that_need_not_be_there() throws IOException {
        Digest digest = put(7);

        assertThat(store.contents(new Digest("0".repeat(64)), 10)).hasSize(1);
        assertThat(store.contents(digest, 10)).isEmpty();
        assertThat(store.contents(new Digest("f".repeat(64)), 10)).isEmpty();
    }

    @Test
    void refused_and_deleted_content_is_not_listed() throws IOException {
        store.put(new ByteArrayInputStream(new byte[3]), Digest.of(new byte[1]), 100);
        store.put(new ByteArrayInputStream(new byte[3]), null, 2);
        store.delete(put(7));

        assertThat(store.contents(null, 10)).isEmpty();
    }

    @Test
    void a_repeated_put_renews_the_time() throws Exception {
        put(7);
        Instant first = store.contents(null, 1).get(0).putAt();
        letPass(Duration.ofDays(2));
        Instant before = store.contents(null, 1).get(0).putAt();
        put(7);
        Instant after = store.contents(null, 1).get(0).putAt();

        assertThat(before).isBeforeOrEqualTo(first);
        assertThat(after).isAfter(before.plus(Duration.ofHours(47)));
    }

    @Test
    void a_page_without_room_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.contents(null, 0))
                .withMessage("page size: expected at least 1, found 0");
    }

    private Digest put(int size) throws IOException {
        byte[] content = new byte[size];
        store.put(new ByteArrayInputStream(content), null, 100);
        return Digest.of(content);
    }
}
