package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Default methods of stores of documents and contents. */
class DocumentStoreTest {
    private final MemoryDocumentStore documents = new MemoryDocumentStore();

    @Test
    void changes_of_many_writers_are_all_kept() {
        List<Boolean> written = IntStream.range(0, 40)
                .boxed()
                .gather(Gatherers.mapConcurrent(
                        8,
                        (Integer number) -> documents.update("numbers", before -> {
                            String numbers = before.map(DocumentStoreTest::text).orElse("");
                            return (numbers + number + ",").getBytes(StandardCharsets.UTF_8);
                        })))
                .toList();

        assertThat(written).containsOnly(true);
        assertThat(text(documents.find("numbers").orElseThrow()).split(","))
                .containsExactlyInAnyOrder(
                        IntStream.range(0, 40).mapToObj(Integer::toString).toArray(String[]::new));
    }

    @Test
    void a_change_that_gives_null_leaves_the_document_as_it_is() {
        documents.put("one", new byte[] {1}, null);

        assertThat(documents.update("one", before -> null)).isFalse();
        assertThat(documents.update("none", before -> null)).isFalse();

        assertThat(documents.find("one").orElseThrow().bytes()).containsExactly(1);
        assertThat(documents.find("none")).isEmpty();
    }

    @Test
    void a_document_with_too_many_concurrent_writers_is_an_error() {
        assertThatThrownBy(() -> documents.update("busy", before -> {
                    documents.put(
                            "busy",
                            new byte[] {
                                (byte) before.map(d -> d.bytes()[0] + 1)
                                        .orElse(0)
                                        .intValue()
                            },
                            "*");
                    return new byte[0];
                }))
                .isInstanceOf(StoreException.class)
                .hasMessage("busy: too many concurrent writers (50 attempts); retry");
    }

    @Test
    void a_damaged_document_counts_as_absent() {
        documents.put("text", "no JSON".getBytes(StandardCharsets.UTF_8), null);
        documents.put("empty", "{}".getBytes(StandardCharsets.UTF_8), null);
        documents.put("good", "{\"name\":\"n\"}".getBytes(StandardCharsets.UTF_8), null);

        assertThat(read("text")).isEmpty();
        assertThat(read("empty")).isEmpty();
        assertThat(read("good")).contains("n");
    }

    private Optional<String> read(String name) {
        return documents.find(name).orElseThrow().read("a name", (JsonObject json) -> json.string("name"));
    }

    @Test
    void all_names_and_contents_are_seen_once_however_many_pages_they_take() throws IOException {
        MemoryContentStore contents = new MemoryContentStore();
        for (int i = 0; i < 2 * DocumentListing.PAGE; i++) {
            byte[] bytes = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
            documents.put("folder/" + i, bytes, null);
            contents.put(new ByteArrayInputStream(bytes), null, 10);
        }
        documents.put("other", new byte[0], null);
        List<String> names = new ArrayList<>();
        List<ContentListing.Entry> entries = new ArrayList<>();

        documents.forEach("folder/", names::add);
        contents.forEach(entries::add);

        assertThat(names)
                .hasSize(2 * DocumentListing.PAGE)
                .doesNotHaveDuplicates()
                .doesNotContain("other");
        assertThat(entries).hasSize(2 * ContentListing.PAGE).doesNotHaveDuplicates();
    }

    private static String text(DocumentStore.Document document) {
        return new String(document.bytes(), StandardCharsets.UTF_8);
    }
}
