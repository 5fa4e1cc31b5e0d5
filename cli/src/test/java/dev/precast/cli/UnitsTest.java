package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "16655034, 16.7 MB",
        "999999, 1.0 MB",
        "123456789, 123 MB",
        "4294967296, 4.3 GB"
    })
    void sizes_have_decimal_units(long bytes, String shown) {
        assertThat(Units.bytes(bytes)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 ms", "999, 999 ms", "1000, 1.0 s", "14200, 14.2 s", "119999, 120.0 s", "185000, 3 min 5 s"})
    void times_are_as_short_as_they_can_be(long ms, String shown) {
        assertThat(Units.time(Duration.ofMillis(ms))).isEqualTo(shown);
    }
}
