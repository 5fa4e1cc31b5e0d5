package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.MeteredContentStore;
import dev.precast.cache.store.StoreListener;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeteredContentStoreTest extends ContentStoreContract {
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong time = new AtomicLong();
    private final StoreListener listener =
            (operation, result, bytes, nanos) -> heard.add(operation + " " + result + " " + bytes + " " + nanos);

    private final MemoryContentStore inner = new MemoryContentStore();

    @Override
    protected ContentStore emptyStore() {
        return new MeteredContentStore(inner, listener, () -> time.getAndAdd(7));
    }

    @Override
    protected void rot(Digest digest, byte[] bytes) {
        inner.damage(digest, bytes);
    }

    @Test
    void each_call_of_a_content_store_is_measured_with_result_bytes_and_time() throws IOException {
        ContentStore store = emptyStore();
        Digest digest = Digest.of(new byte[3]);
        InputStream broken = InputStream.nullInputStream();
        broken.close();

        store.find(digest);
        store.put(new ByteArrayInputStream(new byte[3]), null, 3);
        store.put(new ByteArrayInputStream(new byte[3]), null, 3);
        store.put(new ByteArrayInputStream(new byte[3]), null, 2);
        assertThatThrownBy(() -> store.put(broken, null, 2)).hasMessage("Stream closed");
        inner.damage(digest, new byte[1]);
        store.put(new ByteArrayInputStream(new byte[3]), null, 3);
        store.find(digest);
        store.delete(digest);
        store.delete(digest);

        assertThat(heard)
                .containsExactly(
                        "FIND NOTHING 0 7",
                        "PUT DONE 3 7",
                        "PUT NOTHING 0 7",
                        "PUT REFUSED 0 7",
                        "PUT FAILED 0 7",
                        "PUT REPAIRED 3 7",
                        "FIND DONE 3 7",
                        "DELETE DONE 0 7",
                        "DELETE NOTHING 0 7");
    }
}
