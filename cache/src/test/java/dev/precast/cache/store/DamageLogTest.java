package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DamageLogTest {
    private final List<String> lines = new ArrayList<>();
    private Duration time = Duration.ZERO;
    private final DamageLog log = new DamageLog(() -> time.toNanos(), lines::add);

    @Test
    void each_object_is_logged_and_counted_once_a_day() {
        for (int reads = 0; reads < 5; reads++) {
            log.found("lanes", "bad digit; ignored");
        }
        log.found("warm-up 1", "no JSON; ignored");
        assertThat(lines).containsExactly("lanes: damaged: bad digit; ignored", "warm-up 1: damaged: no JSON; ignored");

        time = Duration.ofHours(25);
        log.found("lanes", "bad digit; ignored");

        assertThat(lines).hasSize(3);
        assertThat(log.count()).isEqualTo(3);
    }
}
