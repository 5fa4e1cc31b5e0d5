package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of {@link DocumentListing}. The test of each adapter extends it. */
public abstract class DocumentListingContract<S extends DocumentStore & DocumentListing> {
    private S store;

    /** An empty store; called once per test. */
    protected abstract S emptyStore() throws Exception;

    @BeforeEach
    void open() throws Exception {
        store = emptyStore();
    }

    @Test
    void an_empty_store_has_no_names() {
        assertThat(store.names("", null, 10)).isEmpty();
        assertThat(store.names("warmups/", null, 10)).isEmpty();
    }

    @Test
    void names_come_in_their_order_whatever_is_a_folder() {
        List<String> ordered = List.of("a-b", "a-b.c", "a.b/c", "a/b", "a/c-d", "a/c/d", "a0", "b", "b+c");
        List<String> mixed = new ArrayList<>(ordered);
        Collections.reverse(mixed);
        mixed.forEach(this::write);

        assertThat(store.names("", null, 100)).isEqualTo(ordered);
    }

    @Test
    void a_folder_has_what_is_in_it_at_any_depth_and_nothing_else() {
        List.of("a", "day/1", "day/2/x", "day-2/1", "days", "z").forEach(this::write);

        assertThat(store.names("day/", null, 100)).containsExactly("day/1", "day/2/x");
        assertThat(store.names("day/2/", null, 100)).containsExactly("day/2/x");
        assertThat(store.names("d/", null, 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void pages_together_hold_every_name_once(int max) {
        List<String> all = List.of("a", "b/a", "b/b/a", "b/b/b", "b/c", "b0", "c");
        all.forEach(this::write);

        assertThat(paged("", max)).isEqualTo(all);
        assertThat(paged("b/", max)).isEqualTo(all.subList(1, 5));
    }

    @Test
    void a_page_begins_after_a_name_that_need_not_be_there() {
        List.of("day/1", "day/3", "day/5").forEach(this::write);

        assertThat(store.names("day/", "day/2", 1)).containsExactly("day/3");
        assertThat(store.names("day/", "a", 1)).containsExactly("day/1");
        assertThat(store.names("day/", "day/5", 1)).isEmpty();
        assertThat(store.names("day/", "z", 1)).isEmpty();
    }

    @Test
    void deleted_documents_are_not_listed() {
        write("a/b");
        store.delete("a/b", store.find("a/b").orElseThrow().version());

        assertThat(store.names("", null, 10)).isEmpty();
    }

    @Test
    void more_names_than_one_answer_of_any_store_holds_come_back_together() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            many.add("many/" + (10_000 + i));
        }
        many.forEach(this::write);

        assertThat(store.names("many/", null, 5_000)).isEqualTo(many);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "../", "a//", "A/", ".tmp/", "a/b"})
    void folders_of_another_form_are_refused(String folder) {
        assertThatIllegalArgumentException().isThrownBy(() -> store.names(folder, null, 1));
    }

    @Test
    void a_page_without_room_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.names("", null, 0))
                .withMessage("page size: expected at least 1, found 0");
    }

    private List<String> paged(String folder, int max) {
        List<String> names = new ArrayList<>();
        @Nullable String after = null;
        for (List<String> page = store.names(folder, after, max);
                !page.isEmpty();
                page = store.names(folder, after, max)) {
            assertThat(page.size()).isLessThanOrEqualTo(max);
            names.addAll(page);
            after = page.get(page.size() - 1);
        }
        return names;
    }

    private void write(String name) {
        assertThat(store.put(name, new byte[0], null)).isPresent();
    }
}
