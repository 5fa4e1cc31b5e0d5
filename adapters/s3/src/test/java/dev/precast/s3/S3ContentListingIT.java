package dev.precast.s3;

import dev.precast.store.ContentListingContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3ContentListingIT extends ContentListingContract<S3ContentStore> {
    @TempDir
    private static Path folder;

    private static Gateway gateway;
    private static int tests;

    private S3Stores stores;

    @BeforeAll
    static void start() throws Exception {
        gateway = Gateway.start(folder);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Override
    protected S3ContentStore emptyStore() {
        stores = gateway.open(gateway.config("test-" + ++tests + "/"));
        return stores.modules();
    }

    @AfterEach
    void close() {
        stores.close();
    }

    @Override
    protected void letPass(Duration time) throws Exception {
        try (Stream<Path> found = Files.walk(gateway.objects())) {
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
