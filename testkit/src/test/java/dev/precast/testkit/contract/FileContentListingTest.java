package dev.precast.testkit.contract;

import dev.precast.cache.store.FileContentStore;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

class FileContentListingTest extends ContentListingContract<FileContentStore> {
    @TempDir
    private Path folder;

    @Override
    protected FileContentStore emptyStore() {
        return new FileContentStore(folder);
    }

    @Override
    protected void letPass(Duration time) throws Exception {
        makeOlder(folder, time);
    }
}
