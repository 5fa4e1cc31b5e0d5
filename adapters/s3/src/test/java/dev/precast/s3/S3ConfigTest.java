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
    @Test
    void the_defaults_are_amazons_own_store() {
        assertThat(S3Config.Server.AMAZON).isEqualTo(new S3Config.Server(null, null, false));
        assertThat(S3Config.Calls.DEFAULT.attemptTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(S3Config.Calls.DEFAULT.callTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(S3Config.Calls.DEFAULT.connections()).isEqualTo(128);
        assertThat(config("bucket", "").spool()).isAbsolute();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "Bucket", "a/b", "-bucket", "bucket-", "a_b"})
    void other_names_of_buckets_are_refused(String bucket) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(bucket, ""))
                .withMessageStartingWith("S3 bucket: expected 3 to 63 lower-case letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "/a/", "a//", "../", "a/./", "a b/", "a/b/c/d/e/f/"})
    void other_prefixes_are_refused(String prefix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config("bucket", prefix))
                .withMessage("S3 prefix: expected an empty text, or segments that end with a slash, found \"" + prefix
                        + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/", "team-1/precast/"})
    void segments_that_end_with_a_slash_are_a_prefix(String prefix) {
        assertThat(config("bucket", prefix).prefix()).isEqualTo(prefix);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s3.example", "ftp://s3.example", "http:///", "https://s3.example/path", "https://u:p@s3.example"
            })
    void endpoints_that_are_no_server_are_refused(String endpoint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new S3Config.Server(URI.create(endpoint), null, true))
                .withMessageStartingWith("S3 endpoint: expected http or https, a host and no path");
    }

    @Test
    void times_and_numbers_out_of_range_are_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new S3Config.Calls(Duration.ZERO, Duration.ofSeconds(1), 1))
                .withMessageStartingWith("S3 attempt timeout: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new S3Config.Calls(Duration.ofSeconds(2), Duration.ofSeconds(1), 1))
                .withMessageStartingWith("S3 call timeout: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new S3Config.Calls(Duration.ofSeconds(1), Duration.ofSeconds(1), 0))
                .withMessage("S3 connections: expected 1 to 10000, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new S3Config.Server(null, " ", false))
                .withMessage("S3 region: expected a name, found an empty text");
    }

    private static S3Config config(String bucket, String prefix) {
        return new S3Config(bucket, prefix, S3Config.Server.AMAZON, S3Config.Calls.DEFAULT, Path.of("spool"));
    }
}
