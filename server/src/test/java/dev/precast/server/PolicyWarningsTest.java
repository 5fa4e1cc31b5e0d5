package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PolicyWarningsTest {
    private static final Instant ISSUED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration LIFE = Duration.ofDays(90);

    private final PolicyWarnings warnings = new PolicyWarnings();
    private final SigningKey root = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();

    private static TrustPolicy policy(long version) {
        return new TrustPolicy(
                version, ISSUED, ISSUED.plus(LIFE), Duration.ofDays(3), List.of(), List.of(), Set.of(), Set.of());
    }

    /** Asks every six hours until the 95th day; returns each warning with its day. */
    private static List<String> said(Function<Instant, Optional<String>> warning) {
        List<String> said = new ArrayList<>();
        for (Duration after = Duration.ZERO; after.toDays() < 95; after = after.plusHours(6)) {
            String day = after.toDays() + ": ";
            warning.apply(ISSUED.plus(after)).ifPresent(text -> said.add(day + text));
        }
        return said;
    }

    @Test
    void a_policy_is_warned_of_30_and_7_days_and_1_day_before_its_expiry_and_daily_afterwards() {
        assertThat(said(now -> warnings.about(policy(3), now)))
                .satisfiesExactly(
                        one -> assertThat(one)
                                .startsWith("60: trust policy 3: expires at 2026-04-01T00:00:00Z, in 30 days; sign")
                                .endsWith("see docs/how-to/rotate-keys.md"),
                        two -> assertThat(two).startsWith("83: ").contains("in 7 days"),
                        three -> assertThat(three).startsWith("89: ").contains("in 24 hours"),
                        four -> assertThat(four)
                                .startsWith("90: ")
                                .contains("hosts accept only artifacts that they verified before, until 2026-04-04"),
                        five -> assertThat(five).startsWith("91: "),
                        six -> assertThat(six).startsWith("92: "),
                        seven -> assertThat(seven).startsWith("93: ").contains("hosts accept no artifacts"),
                        eight -> assertThat(eight).startsWith("94: "));
    }

    @Test
    void a_new_version_is_warned_of_anew() {
        Instant late = ISSUED.plus(LIFE).minusSeconds(1);

        assertThat(warnings.about(policy(3), late)).isPresent();
        assertThat(warnings.about(policy(3), late)).isEmpty();
        assertThat(warnings.about(policy(4), late)).isPresent();
    }

    @Test
    void an_online_key_is_warned_of_too() {
        Appointment appointment = new Appointment(2, online.verifyingKey(), ISSUED, ISSUED.plus(LIFE));

        List<String> said = said(now -> warnings.about(appointment, now));

        assertThat(said).hasSize(8);
        assertThat(said.getFirst())
                .startsWith("60: appointment 2 of online key "
                        + online.verifyingKey().id() + ": expires at");
        assertThat(said.get(3)).startsWith("90: ").contains("expired at");
    }

    @Test
    void a_policy_that_is_not_proven_for_two_minutes_is_warned_of_once() throws Exception {
        byte[] envelope = policy(3).sign(root).toJson();
        TrustRoot trusted = new TrustRoot(root.verifyingKey());
        FreshnessProof.Verified proof = new FreshnessProof(
                        new Appointment(1, online.verifyingKey(), ISSUED, ISSUED.plus(LIFE)).sign(root),
                        CurrentPolicy.about(envelope, trusted, ISSUED, Duration.ofDays(1))
                                .sign(online))
                .verify(trusted, 0);

        assertThat(unproven(Optional.empty(), Duration.ZERO)).isEmpty();
        assertThat(unproven(Optional.empty(), Duration.ofSeconds(119))).isEmpty();
        assertThat(unproven(Optional.empty(), Duration.ofSeconds(120)))
                .hasValueSatisfying(text -> assertThat(text).contains("no statement says that it is current"));
        assertThat(unproven(Optional.empty(), Duration.ofHours(2))).isEmpty();
        assertThat(unproven(Optional.of(proof), Duration.ofHours(3))).isEmpty();
        assertThat(unproven(Optional.of(proof), Duration.ofHours(24))).isEmpty();
        assertThat(unproven(Optional.of(proof), Duration.ofHours(25)))
                .hasValueSatisfying(
                        text -> assertThat(text).contains("the statement that it is current expired at 2026-01-02"));
    }

    private Optional<String> unproven(Optional<FreshnessProof.Verified> proof, Duration after) {
        return warnings.unproven(policy(3), proof, ISSUED.plus(after));
    }
}
