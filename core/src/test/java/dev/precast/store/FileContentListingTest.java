package dev.precast.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
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
        try (Stream<Path> found = Files.walk(folder)) {
            List<Path> files = found.filter(Files::isRegularFile).toList();
            for (Path file : files) {
                Files.setLastModifiedTime(
                        file,
                        FileTime.from(
                                Files.getLastModifiedTime(file).toInstant().minus(time)));
            }
        }
    }
}
