package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Samples;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PayloadsTest {
    private static final ArtifactKey KEY = Samples.key();

    private final Counting store = new Counting();
    private final List<ArtifactKey> doubted = new ArrayList<>();
    private Duration time = Duration.ZERO;
    private final Payloads payloads = new Payloads(store, doubted::add, () -> time.toNanos());

    private SizedDigest put(byte[] bytes) throws IOException {
        store.put(new ByteArrayInputStream(bytes), null, bytes.length);
        return new SizedDigest(Digest.of(bytes), bytes.length);
    }

    private byte[] read(SizedDigest form) throws IOException {
        try (InputStream in = payloads.find(KEY, form).orElseThrow().open()) {
            return in.readAllBytes();
        }
    }

    @Test
    void a_small_payload_is_read_once_from_the_store() throws Exception {
        byte[] bytes = "small".getBytes(StandardCharsets.UTF_8);
        SizedDigest form = put(bytes);

        assertThat(read(form)).isEqualTo(bytes);
        assertThat(read(form)).isEqualTo(bytes);

        assertThat(store.finds).isEqualTo(1);
    }

    @Test
    void a_large_payload_is_read_from_the_store_each_time() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        SizedDigest form = put(bytes);

        assertThat(read(form)).isEqualTo(bytes);
        assertThat(read(form)).isEqualTo(bytes);

        assertThat(store.finds).isEqualTo(2);
    }

    @Test
    void a_missing_payload_is_read_again() throws Exception {
        byte[] bytes = {1, 2, 3};
        SizedDigest form = new SizedDigest(Digest.of(bytes), bytes.length);
        assertThat(payloads.find(KEY, form)).isEmpty();

        put(bytes);

        assertThat(read(form)).isEqualTo(bytes);
    }

    @Test
    void a_file_of_another_size_is_not_the_payload() throws Exception {
        SizedDigest form = put(new byte[] {1, 2, 3});

        assertThat(payloads.find(KEY, new SizedDigest(form.digest(), 4))).isEmpty();
    }

    @Test
    void a_small_payload_that_is_damaged_is_neither_sent_nor_kept() throws Exception {
        byte[] bytes = {1, 2, 3};
        SizedDigest form = put(bytes);
        store.damaged = true;
        assertThat(payloads.find(KEY, form)).isEmpty();
        assertThat(doubted).containsExactly(KEY);

        store.damaged = false;

        assertThat(read(form)).isEqualTo(bytes);
        assertThat(doubted).hasSize(1);
    }

    @Test
    void a_large_payload_is_checked_while_it_is_sent() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        bytes[0] = 1;
        SizedDigest form = put(bytes);
        store.damaged = true;

        read(form);

        assertThat(doubted).containsExactly(KEY);
    }

    @Test
    void a_large_payload_that_was_whole_is_not_checked_for_ten_minutes() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        bytes[0] = 1;
        SizedDigest form = put(bytes);
        read(form);
        store.damaged = true;

        read(form);
        assertThat(doubted).isEmpty();

        time = Duration.ofMinutes(10);
        read(form);
        assertThat(doubted).containsExactly(KEY);
    }

    @Test
    void of_the_readers_of_a_large_payload_one_at_a_time_checks_it() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        bytes[0] = 1;
        SizedDigest form = put(bytes);
        store.damaged = true;

        try (InputStream first = payloads.find(KEY, form).orElseThrow().open()) {
            read(form);
            assertThat(doubted).isEmpty();
            assertThat(first.readNBytes(1)).hasSize(1);
        }
        read(form);

        assertThat(doubted).containsExactly(KEY);
    }

    @Test
    void a_slow_reader_keeps_others_from_checking_a_large_payload_for_a_minute() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        bytes[0] = 1;
        SizedDigest form = put(bytes);
        store.damaged = true;

        try (InputStream slow = payloads.find(KEY, form).orElseThrow().open()) {
            time = Duration.ofSeconds(59);
            read(form);
            assertThat(doubted).isEmpty();

            time = Duration.ofMinutes(1);
            read(form);
            assertThat(doubted).hasSize(1);

            slow.readAllBytes();
        }
        assertThat(doubted).as("the slow reader's own check").hasSize(2);
    }

    @Test
    void a_part_of_a_large_payload_says_nothing_about_it() throws Exception {
        byte[] bytes = new byte[(1 << 20) + 1];
        bytes[0] = 1;
        SizedDigest form = put(bytes);
        store.damaged = true;

        try (InputStream in = payloads.find(KEY, form).orElseThrow().open()) {
            in.skipNBytes(1);
            assertThat(in.readAllBytes()).hasSize(1 << 20);
        }
        try (InputStream in = payloads.find(KEY, form).orElseThrow().open()) {
            assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
        }

        assertThat(doubted).isEmpty();
    }

    @Test
    void a_store_that_fails_is_asked_again() throws Exception {
        byte[] bytes = {1, 2, 3};
        SizedDigest form = put(bytes);
        store.failing = true;
        assertThatThrownBy(() -> payloads.find(KEY, form))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(form.digest().toString());

        store.failing = false;

        assertThat(read(form)).isEqualTo(bytes);
    }

    /** Contents in memory, which fail or change when told to. */
    private static final class Counting implements ContentStore {
        private final MemoryContentStore inner = new MemoryContentStore();
        private int finds;
        private boolean failing;
        private boolean damaged;

        @Override
        public Put put(InputStream in, Digest expected, long maxBytes, IfStored ifStored) throws IOException {
            return inner.put(in, expected, maxBytes, ifStored);
        }

        @Override
        public Optional<Blob> find(Digest digest) {
            finds++;
            return inner.find(digest).map(Read::new);
        }

        @Override
        public boolean delete(Digest digest) {
            return inner.delete(digest);
        }

        private final class Read implements Blob {
            private final Blob blob;

            Read(Blob blob) {
                this.blob = blob;
            }

            @Override
            public long size() {
                return blob.size();
            }

            @Override
            public InputStream open() throws IOException {
                if (failing) {
                    throw new IOException("told to fail");
                }
                byte[] bytes = blob.open().readAllBytes();
                if (damaged) {
                    bytes[0] = 0;
                }
                return new ByteArrayInputStream(bytes);
            }
        }
    }
}
