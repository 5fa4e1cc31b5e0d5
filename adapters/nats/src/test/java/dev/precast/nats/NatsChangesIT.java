package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.store.DocumentChanges;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.WatchedDocuments;
import dev.precast.testkit.contract.DocumentChangesContract;
import dev.precast.testkit.server.NatsServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class NatsChangesIT extends DocumentChangesContract {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String LANES = "lanes";

    @RegisterExtension
    private static final LinkedServer NATS = new LinkedServer();

    private @Nullable NatsChanges fresh;

    @Override
    protected DocumentChanges freshChanges() {
        fresh = new NatsChanges(NATS.link());
        return fresh;
    }

    @AfterEach
    void leave() {
        fresh.close();
    }

    @Test
    void another_process_reads_a_document_again_as_soon_as_its_change_is_announced() throws Exception {
        MemoryDocumentStore store = new MemoryDocumentStore();
        try (NatsLink other = Links.to(NATS.server());
                NatsChanges its = new NatsChanges(other)) {
            WatchedDocuments writer = watched(store, fresh);
            WatchedDocuments reader = watched(store, its);
            writer.put(LANES, bytes("one"), null);
            Awaitility.await().atMost(LONG).until(() -> its.period().isPresent());
            assertThat(content(reader)).isEqualTo("one");

            writer.put(LANES, bytes("two"), DocumentStore.ANY);

            Awaitility.await().atMost(LONG).until(() -> content(reader).equals("two"));
        }
    }

    @Test
    void malformed_messages_are_ignored() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        fresh.listen(heard::add);
        for (String forged : new String[] {"", "{}", "{\"v\":2,\"document\":\"lanes\"}", "{\"v\":1,\"document\":7}"}) {
            NATS.link().send("precast.changes", bytes(forged));
        }
        fresh.announce(LANES);

        assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(LANES);
        assertThat(heard).isEmpty();
    }

    @Test
    void a_node_whose_user_may_not_listen_polls(@TempDir Path folder) throws Exception {
        try (NatsServer roles = NatsServer.withRoles(folder);
                NatsLink host = NatsLink.open(Links.ofRole(roles, "host"));
                NatsChanges refused = new NatsChanges(host);
                NatsLink worker = NatsLink.open(Links.ofRole(roles, "worker"));
                NatsChanges allowed = new NatsChanges(worker)) {
            Awaitility.await().atMost(LONG).until(() -> allowed.period().isPresent());

            assertThat(refused.period())
                    .as("the user may neither announce nor listen, so this node must poll")
                    .isEmpty();
        }
    }

    @Test
    void after_an_interruption_a_new_period_begins() throws Exception {
        Awaitility.await().atMost(LONG).until(() -> fresh.period().isPresent());
        OptionalLong before = fresh.period();

        NATS.server().kill();
        Awaitility.await().atMost(LONG).until(() -> fresh.period().isEmpty());
        NATS.server().startAgainEmpty();
        Awaitility.await().atMost(LONG).until(() -> fresh.period().isPresent());

        assertThat(fresh.period()).isNotEqualTo(before);
    }

    private static WatchedDocuments watched(MemoryDocumentStore store, NatsChanges changes) {
        return new WatchedDocuments(store, Set.of(LANES), changes, System::nanoTime);
    }

    private static String content(WatchedDocuments documents) {
        return new String(
                documents.find(LANES, Duration.ofDays(1)).orElseThrow().bytes(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
