package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PayloadsTest {
    private final Counting store = new Counting();
    private final Payloads payloads = new Payloads(store);

    private SizedDigest put(byte[] bytes) throws IOException {
        store.put(new ByteArrayInputStream(bytes), null, bytes.length);
        return new SizedDigest(Digest.of(bytes), bytes.length);
    }

    private byte[] read(SizedDigest form) throws IOException {
        try (InputStream in = payloads.find(form).orElseThrow().open()) {
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
        assertThat(payloads.find(form)).isEmpty();

        put(bytes);

        assertThat(read(form)).isEqualTo(bytes);
    }

    @Test
    void a_file_of_another_size_is_not_the_payload() throws Exception {
        SizedDigest form = put(new byte[] {1, 2, 3});

        assertThat(payloads.find(new SizedDigest(form.digest(), 4))).isEmpty();
    }

    @Test
    void damaged_bytes_are_not_kept() throws Exception {
        byte[] bytes = {1, 2, 3};
        SizedDigest form = put(bytes);
        store.damaged = true;
        assertThat(read(form)).isEqualTo(new byte[] {0, 2, 3});

        store.damaged = false;

        assertThat(read(form)).isEqualTo(bytes);
    }

    @Test
    void a_store_that_fails_is_asked_again() throws Exception {
        byte[] bytes = {1, 2, 3};
        SizedDigest form = put(bytes);
        store.failing = true;
        assertThatThrownBy(() -> payloads.find(form))
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
