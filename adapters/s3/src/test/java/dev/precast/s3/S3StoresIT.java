package dev.precast.s3;

import dev.precast.testkit.contract.ContentListingContract;
import dev.precast.testkit.contract.ContentStoreContract;
import dev.precast.testkit.contract.DocumentListingContract;
import dev.precast.testkit.contract.DocumentStoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Runs the contract suites of the stores against a real server. Each test has its own prefix. */
class S3StoresIT {
    @RegisterExtension
    private static final Gateway GATEWAY = new Gateway();

    private final List<S3Stores> opened = new ArrayList<>();

    private S3Stores open() {
        S3Stores stores = GATEWAY.open(GATEWAY.config(GATEWAY.prefix()));
        opened.add(stores);
        return stores;
    }

    @AfterEach
    void close() {
        opened.forEach(S3Stores::close);
    }

    @Nested
    class Contents extends ContentStoreContract {
        @Override
        protected S3ContentStore emptyStore() {
            return open().payloads();
        }
    }

    @Nested
    class ContentListings extends ContentListingContract<S3ContentStore> {
        @Override
        protected S3ContentStore emptyStore() {
            return open().modules();
        }

        @Override
        protected void letPass(Duration time) throws Exception {
            makeOlder(GATEWAY.objects(), time);
        }
    }

    @Nested
    class Documents extends DocumentStoreContract {
        @Override
        protected S3DocumentStore emptyStore() {
            return open().documents();
        }
    }

    @Nested
    class DocumentListings extends DocumentListingContract<S3DocumentStore> {
        @Override
        protected S3DocumentStore emptyStore() {
            return open().documents();
        }
    }
}
