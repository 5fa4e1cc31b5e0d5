package dev.precast.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyAgeTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "90, P0D, FRESH",
        "90, P59DT23H59M59S, FRESH",
        "90, P60D, DAYS_30",
        "90, P82DT23H59M59S, DAYS_30",
        "90, P83D, DAYS_7",
        "90, P88DT23H59M59S, DAYS_7",
        "90, P89D, DAY_1",
        "90, P89DT23H59M59S, DAY_1",
        "90, P90D, GRACE",
        "90, P96DT23H59M59S, GRACE",
        "90, P97D, OVER",
        "30, P0D, FRESH",
        "30, P22DT23H59M59S, FRESH",
        "30, P23D, DAYS_7",
        "3, P0D, FRESH",
        "3, P2D, DAY_1",
        "1, PT23H, FRESH",
        "1, P1D, GRACE"
    })
    void a_policy_ages_in_steps_before_its_expiry(int days, Duration after, PolicyAge expected) {
        assertThat(PolicyAge.of(policy(Duration.ofDays(days)), ISSUED.plus(after)))
                .isEqualTo(expected);
        assertThat(expected.isExpired()).isEqualTo(after.compareTo(Duration.ofDays(days)) >= 0);
    }

    @Test
    void an_appointment_has_no_grace() {
        Appointment appointment =
                new Appointment(1, SigningKey.generate().verifyingKey(), ISSUED, ISSUED.plus(Duration.ofDays(90)));

        assertThat(PolicyAge.of(appointment, ISSUED.plus(Duration.ofDays(60)))).isEqualTo(PolicyAge.DAYS_30);
        assertThat(PolicyAge.of(appointment, ISSUED.plus(Duration.ofDays(90)))).isEqualTo(PolicyAge.OVER);
    }

    private static TrustPolicy policy(Duration life) {
        return new TrustPolicy(
                1, ISSUED, ISSUED.plus(life), Duration.ofDays(7), List.of(), List.of(), Set.of(), Set.of());
    }
}
