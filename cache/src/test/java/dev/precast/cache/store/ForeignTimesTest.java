package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ForeignTimesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private Instant now = NOW;
    private final ForeignTimes times = new ForeignTimes(() -> now);

    @Test
    void a_time_of_a_clock_that_agrees_or_is_behind_stays_as_it_is() {
        assertThat(times.end("a", NOW.plus(MINUTE), MINUTE)).isEqualTo(NOW.plus(MINUTE));
        assertThat(times.end("b", NOW.minusSeconds(30), MINUTE)).isEqualTo(NOW.minusSeconds(30));
    }

    @Test
    void what_a_clock_that_is_ahead_wrote_lasts_no_longer_than_its_length_here() {
        Instant written = NOW.plus(Duration.ofMinutes(14));
        assertThat(times.hasEnded("a", written, MINUTE)).isFalse();
        now = NOW.plusSeconds(59);
        assertThat(times.hasEnded("a", written, MINUTE)).isFalse();
        now = NOW.plusSeconds(60);
        assertThat(times.hasEnded("a", written, MINUTE)).isTrue();
        now = NOW.plus(Duration.ofMinutes(14));
        assertThat(times.hasEnded("a", written, MINUTE)).isTrue();
    }

    @Test
    void another_writing_of_the_same_subject_begins_anew() {
        Instant written = NOW.plus(Duration.ofDays(400));
        assertThat(times.hasEnded(written, written, MINUTE)).isFalse();
        now = NOW.plusSeconds(61);
        Instant again = written.plusSeconds(61);
        assertThat(times.hasEnded(again, again, MINUTE)).isFalse();
        assertThat(times.hasEnded(written, written, MINUTE)).isTrue();
    }
}
