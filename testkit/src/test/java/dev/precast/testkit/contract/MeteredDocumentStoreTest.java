package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.MeteredDocumentStore;
import dev.precast.cache.store.StoreListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeteredDocumentStoreTest extends DocumentStoreContract {
    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong time = new AtomicLong();
    private final StoreListener listener =
            (operation, result, bytes, nanos) -> heard.add(operation + " " + result + " " + bytes + " " + nanos);

    @Override
    protected DocumentStore emptyStore() {
        return new MeteredDocumentStore(new MemoryDocumentStore(), listener, () -> time.getAndAdd(7));
    }

    @Test
    void each_call_of_a_document_store_is_measured_with_result_bytes_and_time() {
        DocumentStore store = emptyStore();

        store.find("a");
        String version = store.put("a", new byte[3], null).orElseThrow();
        store.put("a", new byte[3], null);
        store.find("a");
        store.delete("a", version);
        store.delete("a", version);
        assertThatThrownBy(() -> store.find("..")).isInstanceOf(IllegalArgumentException.class);

        assertThat(heard)
                .containsExactly(
                        "FIND NOTHING 0 7",
                        "PUT DONE 3 7",
                        "PUT REFUSED 0 7",
                        "FIND DONE 3 7",
                        "DELETE DONE 0 7",
                        "DELETE REFUSED 0 7",
                        "FIND FAILED 0 7");
    }
}
