package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.LimitedContentStore;
import dev.precast.cache.store.MemoryContentStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitedContentStoreTest extends ContentStoreContract {
    @TempDir
    private Path folder;

    @Override
    protected ContentStore emptyStore() {
        return new LimitedContentStore(new FileContentStore(folder), 100 << 20, 0);
    }

    @Override
    protected void rot(Digest digest, byte[] bytes) throws IOException {
        FileContentStoreTest.write(folder, digest, bytes);
    }

    @Test
    void content_over_the_quota_is_refused_and_not_stored() throws IOException {
        MemoryContentStore inner = new MemoryContentStore();
        LimitedContentStore store = new LimitedContentStore(inner, 10, 4);
        put(store, 6, 1);

        assertThat(put(store, 1, 2)).isEqualTo(new ContentStore.Put.Full(10, 10));
        assertThat(inner.find(Digest.of(new byte[] {2}))).isEmpty();
        assertThat(store.usedBytes()).isEqualTo(10);
    }

    @Test
    void refused_and_existing_content_takes_no_space() throws IOException {
        LimitedContentStore store = new LimitedContentStore(new MemoryContentStore(), 100, 0);
        put(store, 30, 1);
        put(store, 30, 1);
        store.put(new ByteArrayInputStream(new byte[40]), null, 20);
        store.put(new ByteArrayInputStream(new byte[40]), Digest.of(new byte[1]), 60);

        assertThat(store.usedBytes()).isEqualTo(30);
    }

    @Test
    void deleting_gives_space_back_once() throws IOException {
        LimitedContentStore store = new LimitedContentStore(new MemoryContentStore(), 10, 0);
        put(store, 10, 1);
        byte[] content = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

        store.delete(Digest.of(content));
        store.delete(Digest.of(content));

        assertThat(store.usedBytes()).isZero();
        assertThat(put(store, 10, 2)).isInstanceOf(ContentStore.Put.Stored.class);
    }

    @Test
    void concurrent_puts_stay_within_the_quota() throws Exception {
        LimitedContentStore store = new LimitedContentStore(new MemoryContentStore(), 5_000, 0);
        AtomicInteger number = new AtomicInteger();
        List<Boolean> stored =
                Together.run(16, () -> put(store, 1_000, number.incrementAndGet()) instanceof ContentStore.Put.Stored);

        assertThat(stored.stream().filter(s -> s).count()).isBetween(1L, 5L);
        assertThat(store.usedBytes())
                .isEqualTo(stored.stream().filter(s -> s).count() * 1_000)
                .isLessThanOrEqualTo(5_000);
    }

    @Test
    void a_negative_quota_is_refused() {
        assertThatThrownBy(() -> new LimitedContentStore(new MemoryContentStore(), -1, 0))
                .hasMessageStartingWith("quota: expected sizes of at least 0 bytes");
    }

    private static ContentStore.Put put(ContentStore store, int size, int value) throws IOException {
        byte[] content = new byte[size];
        Arrays.fill(content, (byte) value);
        return store.put(new ByteArrayInputStream(content), null, Long.MAX_VALUE);
    }
}
