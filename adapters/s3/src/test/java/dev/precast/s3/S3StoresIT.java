package dev.precast.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentCheck;
import dev.precast.testkit.contract.ContentListingContract;
import dev.precast.testkit.contract.ContentStoreContract;
import dev.precast.testkit.contract.DocumentListingContract;
import dev.precast.testkit.contract.DocumentStoreContract;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;

/** Runs the contract suites of the stores against a real server. Each test has its own prefix. */
class S3StoresIT {
    @RegisterExtension
    private static final Gateway GATEWAY = new Gateway();

    private final List<S3Stores> opened = new ArrayList<>();

    private String prefix = "";

    private S3Stores open() {
        prefix = GATEWAY.prefix();
        S3Stores stores = GATEWAY.open(GATEWAY.config(prefix));
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

        @Override
        protected void rot(Digest digest, byte[] bytes) throws IOException {
            Path object = GATEWAY.objects().resolve(prefix + "payloads/" + digest.hex());
            assertThat(object).isRegularFile();
            Files.write(object, bytes);
        }

        /** The other software sends a checksum, as current SDKs do. */
        @Override
        protected void overwrite(Digest digest, byte[] bytes) {
            GATEWAY.put(prefix + "payloads/" + digest.hex(), bytes, r -> r.checksumAlgorithm(ChecksumAlgorithm.SHA256));
        }

        @Test
        void content_without_a_stored_checksum_is_written_again() throws Exception {
            byte[] content = {1, 2, 3};
            Digest digest = Digest.of(content);
            S3ContentStore store = emptyStore();
            GATEWAY.put(prefix + "payloads/" + digest.hex(), new byte[] {1, 2, 4}, r -> {});

            store.put(new ByteArrayInputStream(content), digest, 3);

            assertThat(ContentCheck.of(store, digest, ByteRate.UNLIMITED)).isEqualTo(new ContentCheck.Result.Whole(3));
        }

        @Test
        void an_object_that_the_store_knows_to_be_another_is_not_found() throws Exception {
            Digest digest = Digest.of(new byte[] {1, 2, 3});
            S3ContentStore store = emptyStore();
            store.put(new ByteArrayInputStream(new byte[] {1, 2, 3}), digest, 3);

            overwrite(digest, new byte[] {1, 2, 4});

            assertThat(store.find(digest)).isEmpty();
            assertThat(store.delete(digest)).isTrue();
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
