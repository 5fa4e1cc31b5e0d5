package dev.precast.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MeteredStoresTest {
    private final List<String> heard = new ArrayList<>();
    private final AtomicLong time = new AtomicLong();
    private final StoreListener listener =
            (operation, result, bytes, nanos) -> heard.add(operation + " " + result + " " + bytes + " " + nanos);

    @Nested
    class Content extends ContentStoreContract {
        @Override
        protected ContentStore emptyStore() {
            return new MeteredContentStore(new MemoryContentStore(), (o, r, b, n) -> {}, System::nanoTime);
        }
    }

    @Nested
    class Documents extends DocumentStoreContract {
        @Override
        protected DocumentStore emptyStore() {
            return new MeteredDocumentStore(new MemoryDocumentStore(), (o, r, b, n) -> {}, System::nanoTime);
        }
    }

    @Test
    void each_call_to_a_content_store_is_heard_with_its_result_bytes_and_time() throws IOException {
        ContentStore store = new MeteredContentStore(new MemoryContentStore(), listener, () -> time.getAndAdd(7));
        Digest digest = Digest.of(new byte[3]);
        InputStream broken = InputStream.nullInputStream();
        broken.close();

        store.find(digest);
        store.put(new ByteArrayInputStream(new byte[3]), null, 3);
        store.put(new ByteArrayInputStream(new byte[3]), null, 3);
        store.put(new ByteArrayInputStream(new byte[3]), null, 2);
        assertThatThrownBy(() -> store.put(broken, null, 2)).hasMessage("Stream closed");
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
                        "FIND DONE 3 7",
                        "DELETE DONE 0 7",
                        "DELETE NOTHING 0 7");
    }

    @Test
    void each_call_to_a_document_store_is_heard_with_its_result_bytes_and_time() {
        DocumentStore store = new MeteredDocumentStore(new MemoryDocumentStore(), listener, () -> time.getAndAdd(7));

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
