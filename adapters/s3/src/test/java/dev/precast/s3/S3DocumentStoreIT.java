package dev.precast.s3;

import dev.precast.store.DocumentStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3DocumentStoreIT extends DocumentStoreContract {
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
    protected S3DocumentStore emptyStore() {
        stores = gateway.open(gateway.config("test-" + ++tests + "/"));
        return stores.documents();
    }

    @AfterEach
    void close() {
        stores.close();
    }
}
