package dev.precast.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.api.json.Preferences;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parsing of request headers. */
class HeadersTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            zstd                        | true
            gzip, zstd                  | true
            ZSTD;q=0.5                  | true
            *                           | true
            identity;q=0.1, zstd;q=0.5  | true
            gzip                        | false
            zstd;q=0                    | false
            *;q=0                       | false
            zstd;q=0.5, identity        | false
            zstd;q=nonsense             | false
            """)
    void zstd_is_sent_to_clients_that_accept_it_and_do_not_prefer_identity(String header, boolean zstd) {
        assertThat(AcceptEncoding.prefersZstd(List.of(header))).isEqualTo(zstd);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bytes=0-0       | 0 | 1
            bytes=2-        | 2 | 8
            bytes=2-99      | 2 | 8
            bytes=-3        | 7 | 3
            bytes=-99       | 0 | 10
            bytes=10-       | 10 | 0
            """)
    void one_range_is_cut_to_the_form(String header, long from, long length) {
        assertThat(ByteRange.parse(header, 10)).isEqualTo(new ByteRange(from, length));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bytes=-
            bytes=3-2
            bytes=0-1,3-4
            lines=0-1
            bytes=99999999999999999999-
            """)
    void other_ranges_are_ignored(String header) {
        assertThat(ByteRange.parse(header, 10)).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wait=10                | 10
            respond-async, wait=5  | 5
            Wait = "7"; foo=1      | 7
            wait=-1                | 0
            wait=soon              | 0
            handling=strict        | 0
            """)
    void a_preference_for_waiting_is_found_among_others(String header, long seconds) {
        assertThat(Preferences.wait(List.of(header)).toSeconds()).isEqualTo(seconds);
    }

    @Test
    void without_headers_nothing_is_preferred() {
        assertThat(Preferences.wait(null)).isZero();
        assertThat(ByteRange.parse(null, 10)).isNull();
        assertThat(AcceptEncoding.prefersZstd(List.of())).isFalse();
    }
}
