package dev.precast.s3;

import dev.precast.store.ContentStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3ContentStoreIT extends ContentStoreContract {
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
        return stores.payloads();
    }

    @AfterEach
    void close() {
        stores.close();
    }
}
