package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.FileDocumentStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileDocumentStoreTest extends DocumentStoreContract {
    @TempDir
    private Path folder;

    @Override
    protected DocumentStore emptyStore() {
        return new FileDocumentStore(folder);
    }

    @Test
    void several_stores_of_one_folder_in_one_process_agree() throws Exception {
        String before =
                new FileDocumentStore(folder).put("a", new byte[0], null).orElseThrow();
        AtomicInteger number = new AtomicInteger();
        List<Optional<String>> written = Together.run(
                8, () -> new FileDocumentStore(folder).put("a", new byte[] {(byte) number.incrementAndGet()}, before));

        assertThat(written).filteredOn(Optional::isPresent).hasSize(1);
    }

    @Test
    void documents_outlive_the_store() {
        new FileDocumentStore(folder).put("a/b", new byte[] {7}, null);

        assertThat(new FileDocumentStore(folder).find("a/b").orElseThrow().bytes())
                .containsExactly(7);
    }
}
