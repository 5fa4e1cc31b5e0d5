package dev.precast.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyDigestVerificationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final SigningKey key = SigningKey.generate();
    private final Attestation attestation = new Attestation(
            ModuleDigest.of(new byte[] {1}),
            1,
            new Lane(
                    EngineId.parse("chicory@1.7.5+1"),
                    new EngineHash(Digest.of(new byte[] {2})),
                    CompileConfig.parse("{}"),
                    Target.JVM),
            "test/1",
            new SizedDigest(Digest.of(new byte[] {3}), 1),
            Optional.empty(),
            Optional.empty(),
            Digest.of(new byte[] {4}),
            "jdk 25",
            "urn:test",
            NOW,
            NOW);
    private final TrustPolicy policy = new TrustPolicy(
            1,
            NOW,
            NOW.plusSeconds(60),
            Duration.ZERO,
            List.of(new TrustedKey(key.verifyingKey(), "urn:test", Set.of(), Set.of(), NOW, NOW.plusSeconds(60))),
            List.of(),
            Set.of(),
            Set.of());
    private final AttestationVerifier verifier = new AttestationVerifier(() -> policy, InstantSource.fixed(NOW));

    @Test
    void the_key_digest_is_enough_to_verify() throws Exception {
        byte[] envelope = attestation.sign(key).toJson();

        assertThat(verifier.verify(envelope, attestation.key().digest(), false)).isEqualTo(attestation);
    }

    @Test
    void another_key_digest_is_refused() {
        byte[] envelope = attestation.sign(key).toJson();
        Digest other = Digest.of(new byte[] {9});

        assertThatThrownBy(() -> verifier.verify(envelope, other, false))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.check()).isEqualTo(Check.KEY))
                .hasMessageContaining(other.toString());
    }
}
