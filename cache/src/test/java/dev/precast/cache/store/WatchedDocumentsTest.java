package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.cache.CountedReads;
import dev.precast.cache.Fixture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WatchedDocumentsTest {
    private static final String NAME = "lanes";
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Fixture.Unreliable store = new Fixture.Unreliable();
    private final CountedReads reads = new CountedReads();
    private final Changes changes = new Changes();
    private long seconds;
    private final WatchedDocuments documents = new WatchedDocuments(
            new MeteredDocumentStore(store, reads, System::nanoTime),
            Set.of(NAME),
            changes,
            () -> TimeUnit.SECONDS.toNanos(seconds));

    /** Announcements that the test can lose and interrupt. */
    private static final class Changes implements DocumentChanges {
        final List<String> announced = new ArrayList<>();
        final List<Consumer<String>> listeners = new ArrayList<>();
        OptionalLong period = OptionalLong.of(1);

        @Override
        public void announce(String name) {
            announced.add(name);
        }

        @Override
        public void listen(Consumer<String> listener) {
            listeners.add(listener);
        }

        @Override
        public OptionalLong period() {
            return period;
        }

        void arrive(String name) {
            listeners.forEach(listener -> listener.accept(name));
        }
    }

    private Optional<String> look() {
        return documents.find(NAME, MINUTE).map(found -> new String(found.bytes(), StandardCharsets.UTF_8));
    }

    private void another(String content) {
        store.inner.put(NAME, content.getBytes(StandardCharsets.UTF_8), DocumentStore.ANY);
    }

    @Test
    void a_copy_is_used_until_a_change_is_announced() {
        another("one");
        assertThat(look()).contains("one");
        another("two");
        assertThat(look()).as("no announcement yet").contains("one");
        assertThat(reads.take()).isEqualTo(1);

        changes.arrive(NAME);

        assertThat(look()).contains("two");
        assertThat(look()).contains("two");
        assertThat(reads.take()).isEqualTo(1);
    }

    @Test
    void a_lost_announcement_delays_a_change_by_the_maximum_age_and_no_more() {
        another("one");
        assertThat(look()).contains("one");
        another("two");

        seconds = 59;
        assertThat(look()).contains("one");
        seconds = 60;
        assertThat(look()).contains("two");
    }

    @Test
    void that_there_is_no_document_is_remembered_too() {
        assertThat(look()).isEmpty();
        assertThat(look()).isEmpty();
        assertThat(reads.take()).isEqualTo(1);

        another("one");
        changes.arrive(NAME);

        assertThat(look()).contains("one");
    }

    @Test
    void while_announcements_may_be_lost_each_look_reads_the_store() {
        another("one");
        assertThat(look()).contains("one");
        changes.period = OptionalLong.empty();
        another("two");

        assertThat(look()).contains("two");
        assertThat(look()).contains("two");
        assertThat(reads.take()).isEqualTo(3);
    }

    @Test
    void a_copy_from_before_an_interruption_is_not_used_after_it() {
        another("one");
        assertThat(look()).contains("one");
        another("two");
        changes.period = OptionalLong.of(2);

        assertThat(look()).contains("two");
    }

    @Test
    void a_change_that_is_announced_during_the_read_is_not_missed() {
        another("one");
        store.onFind(() -> {
            store.onFind(() -> {});
            changes.arrive(NAME);
        });
        look();
        another("two");

        assertThat(look()).contains("two");
    }

    @Test
    void each_write_of_a_watched_document_is_announced_and_seen_at_once_by_the_writer() {
        another("one");
        DocumentStore.Document first = documents.find(NAME, MINUTE).orElseThrow();

        documents.put(NAME, bytes("two"), first.version());
        assertThat(look()).contains("two");
        documents.update(NAME, before -> bytes("three"));
        assertThat(look()).contains("three");
        documents.delete(NAME, documents.find(NAME).orElseThrow().version());
        assertThat(look()).isEmpty();

        assertThat(changes.announced).containsExactly(NAME, NAME, NAME);
    }

    @Test
    void a_refused_write_is_not_announced_but_shows_that_the_copy_is_old() {
        another("one");
        DocumentStore.Document copy = documents.find(NAME, MINUTE).orElseThrow();
        another("two");

        assertThat(documents.put(NAME, bytes("three"), copy.version())).isEmpty();

        assertThat(look()).contains("two");
        assertThat(changes.announced).isEmpty();
    }

    @Test
    void other_documents_are_neither_kept_nor_announced() {
        documents.put("other", bytes("one"), null);
        documents.find("other", MINUTE);
        documents.find("other", MINUTE);

        assertThat(reads.take()).isEqualTo(2);
        assertThat(changes.announced).isEmpty();
    }

    @Test
    void a_failed_read_is_not_kept() {
        another("one");
        store.failing = true;
        assertThatThrownBy(this::look).isInstanceOf(StoreException.class);

        store.failing = false;
        assertThat(look()).contains("one");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
