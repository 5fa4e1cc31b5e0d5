package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.cache.store.DocumentStore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of {@link DocumentStore}. The test of each adapter and decorator extends it. */
public abstract class DocumentStoreContract {
    private static final String NAME = "attestations/chicory@1.7.5+1/00ff/a.b_c-d";

    private DocumentStore store;

    /** An empty store; called once per test. */
    protected abstract DocumentStore emptyStore() throws Exception;

    @BeforeEach
    void open() throws Exception {
        store = emptyStore();
    }

    @Test
    void an_unknown_document_is_not_found() {
        assertThat(store.find(NAME)).isEmpty();
    }

    @Test
    void a_document_is_created_where_none_is() {
        String version = store.put(NAME, bytes("one"), null).orElseThrow();

        assertThat(content()).contains("one");
        assertThat(store.find(NAME).orElseThrow().version()).isEqualTo(version);
    }

    @Test
    void a_document_may_be_empty() {
        store.put(NAME, new byte[0], null);

        assertThat(content()).contains("");
    }

    @Test
    void later_changes_of_the_writers_array_have_no_effect() {
        byte[] mine = bytes("one");
        store.put(NAME, mine, null);
        mine[0] = 'X';

        assertThat(content()).contains("one");
    }

    @Test
    void a_document_is_not_created_where_one_is() {
        store.put(NAME, bytes("one"), null);

        assertThat(store.put(NAME, bytes("two"), null)).isEmpty();
        assertThat(content()).contains("one");
    }

    @Test
    void the_version_that_is_there_can_be_replaced_once() {
        String one = store.put(NAME, bytes("one"), null).orElseThrow();
        String two = store.put(NAME, bytes("two"), one).orElseThrow();

        assertThat(two).isNotEqualTo(one);
        assertThat(store.put(NAME, bytes("three"), one)).isEmpty();
        assertThat(content()).contains("two");
    }

    @Test
    void an_unconditional_put_always_writes() {
        String one = store.put(NAME, bytes("one"), DocumentStore.ANY).orElseThrow();
        assertThat(content()).contains("one");
        String two = store.put(NAME, bytes("two"), DocumentStore.ANY).orElseThrow();
        assertThat(content()).contains("two");

        assertThat(store.put(NAME, bytes("three"), one)).isEmpty();
        assertThat(store.put(NAME, bytes("three"), two)).isPresent();
    }

    @Test
    void a_missing_document_cannot_be_replaced() {
        String version = store.put("other", bytes("one"), null).orElseThrow();

        assertThat(store.put(NAME, bytes("one"), version)).isEmpty();
        assertThat(store.find(NAME)).isEmpty();
    }

    @Test
    void the_version_that_is_there_can_be_deleted() {
        String one = store.put(NAME, bytes("one"), null).orElseThrow();
        String two = store.put(NAME, bytes("two"), one).orElseThrow();

        assertThat(store.delete(NAME, one)).isFalse();
        assertThat(content()).contains("two");
        assertThat(store.delete(NAME, two)).isTrue();
        assertThat(store.find(NAME)).isEmpty();
        assertThat(store.delete(NAME, two)).isFalse();
    }

    @Test
    void a_deleted_document_can_be_created_again() {
        String version = store.put(NAME, bytes("one"), null).orElseThrow();
        store.delete(NAME, version);

        assertThat(store.put(NAME, bytes("two"), null)).isPresent();
        assertThat(content()).contains("two");
    }

    @Test
    void documents_are_independent() {
        store.put("a/b", bytes("one"), null);
        store.put("a/c", bytes("two"), null);

        assertThat(store.find("a/b").map(d -> text(d.bytes()))).contains("one");
        assertThat(store.find("a/c").map(d -> text(d.bytes()))).contains("two");
    }

    @Test
    void of_concurrent_creators_one_succeeds() throws Exception {
        AtomicInteger number = new AtomicInteger();
        List<Optional<String>> written =
                Together.run(16, () -> store.put(NAME, bytes("writer " + number.incrementAndGet()), null));

        assertThat(written).filteredOn(Optional::isPresent).hasSize(1);
    }

    @Test
    void of_concurrent_replacements_one_succeeds() throws Exception {
        String before = store.put(NAME, bytes("before"), null).orElseThrow();
        AtomicInteger number = new AtomicInteger();
        List<Optional<String>> written =
                Together.run(16, () -> store.put(NAME, bytes("writer " + number.incrementAndGet()), before));

        assertThat(written).filteredOn(Optional::isPresent).hasSize(1);
        assertThat(store.find(NAME).map(DocumentStore.Document::version))
                .isEqualTo(written.stream().flatMap(Optional::stream).findFirst());
    }

    @Test
    void a_reader_sees_complete_documents_during_writes() throws Exception {
        AtomicInteger number = new AtomicInteger();
        List<Boolean> whole = Together.run(8, () -> {
            boolean writer = number.incrementAndGet() % 2 == 0;
            boolean ok = true;
            for (int i = 0; i < 40; i++) {
                Optional<DocumentStore.Document> now = store.find(NAME);
                ok &= now.map(d -> text(d.bytes()).matches("(x{1000}|y{50000})"))
                        .orElse(true);
                if (writer) {
                    String next = i % 2 == 0 ? "x".repeat(1000) : "y".repeat(50000);
                    store.put(
                            NAME,
                            bytes(next),
                            now.map(DocumentStore.Document::version).orElse(null));
                }
            }
            return ok;
        });

        assertThat(whole).containsOnly(true);
    }

    @Test
    void a_document_over_the_largest_size_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.put(NAME, new byte[DocumentStore.MAX_BYTES + 1], null))
                .withMessageContaining("at most " + DocumentStore.MAX_BYTES + " bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.b", "A", "a b", "a\\b", "a\0", "ä", "-a", "~"
            })
    void names_of_another_form_are_refused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> store.find(name));
        assertThatIllegalArgumentException().isThrownBy(() -> store.put(name, new byte[0], null));
        assertThatIllegalArgumentException().isThrownBy(() -> store.delete(name, "1"));
    }

    @Test
    void names_that_are_too_long_are_refused() {
        assertThat(store.put("a".repeat(200), bytes("long"), null)).isPresent();
        assertThatIllegalArgumentException().isThrownBy(() -> store.find("a".repeat(201)));
        assertThatIllegalArgumentException().isThrownBy(() -> store.find("a/".repeat(256) + "a"));
    }

    private Optional<String> content() {
        return store.find(NAME).map(d -> text(d.bytes()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
