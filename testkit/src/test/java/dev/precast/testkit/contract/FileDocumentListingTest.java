package dev.precast.testkit.contract;

import dev.precast.cache.store.FileDocumentStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileDocumentListingTest extends DocumentListingContract<FileDocumentStore> {
    @TempDir
    private Path folder;

    @Override
    protected FileDocumentStore emptyStore() {
        return new FileDocumentStore(folder);
    }
}
