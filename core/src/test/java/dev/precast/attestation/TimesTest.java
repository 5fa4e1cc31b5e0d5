package dev.precast.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"2026-11-21T09:30:00Z", "1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "9999-12-31T23:59:59Z"})
    void reads_and_writes_what_the_platform_does(String text) {
        assertThat(Times.parse(text)).isEqualTo(Instant.parse(text));
        assertThat(Times.format(Instant.parse(text))).isEqualTo(text);
    }

    @Test
    void days_are_counted_as_the_platform_does() {
        LocalDate.of(0, 1, 1)
                .datesUntil(LocalDate.of(9999, 12, 31))
                .forEach(day -> assertThat(Times.epochDay(day) == day.toEpochDay())
                        .as("%s", day)
                        .isTrue());
    }

    @Test
    void parts_of_a_second_are_cut() {
        assertThat(Times.format(Instant.parse("2026-11-21T09:30:07.999999Z"))).isEqualTo("2026-11-21T09:30:07Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-11-21T09:30:00",
                "2026-11-21T09:30:00.5Z",
                "2026-11-21t09:30:00z",
                "2026-11-21T09:30:00+00",
                "2026-02-30T09:30:00Z",
                "2026-11-21T24:00:00Z",
                "２026-11-21T09:30:00Z"
            })
    void another_form_or_no_time_is_refused(String text) {
        assertThatThrownBy(() -> Times.parse(text)).isInstanceOf(DateTimeException.class);
    }
}
