package dev.precast.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3ConfigTest {
    private static final S3Config CONFIG = S3Config.of("bucket", Path.of("spool"));

    @Test
    void the_defaults_are_amazons_own_store() {
        assertThat(CONFIG.endpoint()).isNull();
        assertThat(CONFIG.region()).isNull();
        assertThat(CONFIG.prefix()).isEmpty();
        assertThat(CONFIG.pathStyle()).isFalse();
        assertThat(CONFIG.attemptTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(CONFIG.callTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(CONFIG.connections()).isEqualTo(128);
        assertThat(CONFIG.spool()).isAbsolute();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "Bucket", "a/b", "-bucket", "bucket-", "a_b"})
    void other_names_of_buckets_are_refused(String bucket) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> S3Config.of(bucket, Path.of("spool")))
                .withMessageStartingWith("S3 bucket: expected 3 to 63 lower-case letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "/a/", "a//", "../", "a/./", "a b/", "a/b/c/d/e/f/"})
    void other_prefixes_are_refused(String prefix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withPrefix(prefix))
                .withMessage("S3 prefix: expected an empty text, or segments that end with a slash, found \"" + prefix
                        + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/", "team-1/precast/"})
    void segments_that_end_with_a_slash_are_a_prefix(String prefix) {
        assertThat(CONFIG.withPrefix(prefix).prefix()).isEqualTo(prefix);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s3.example", "ftp://s3.example", "http:///", "https://s3.example/path", "https://u:p@s3.example"
            })
    void endpoints_that_are_no_server_are_refused(String endpoint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withEndpoint(URI.create(endpoint), true))
                .withMessageStartingWith("S3 endpoint: expected http or https, a host and no path");
    }

    @Test
    void times_and_numbers_out_of_range_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withTimeouts(Duration.ZERO, Duration.ofSeconds(1)))
                .withMessageStartingWith("S3 attempt timeout: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withTimeouts(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .withMessageStartingWith("S3 call timeout: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withConnections(0))
                .withMessage("S3 connections: expected 1 to 10000, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withRegion(" "))
                .withMessage("S3 region: expected a name, found an empty text");
    }
}
