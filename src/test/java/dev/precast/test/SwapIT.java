package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.testkit.corpus.OddModules;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No part of one artifact passes as part of another, even if a trusted key signed both. */
@Tag("engines")
final class SwapIT {
    private static final Instant NOW = Instant.now();

    private static RealArtifact one;
    private static RealArtifact other;
    private static SigningKey key;
    private static AttestationVerifier verifier;

    private final ChicoryLoader loader = new ChicoryLoader();

    @BeforeAll
    static void compile() throws Exception {
        LocalService service = LocalService.shared();
        one = RealArtifact.of(OddModules.module("exceptions").wasm(), service);
        other = RealArtifact.of(OddModules.module("values").wasm(), service);
        key = service.signingKey();
        verifier = service.verifier();
    }

    /** A part of a lane with another valid value. */
    private enum Part {
        ENGINE("chicory@1.7.5+2", "chicory@1.7.4+1"),
        ENGINE_HASH("", Digest.of(new byte[] {1}).toString()),
        CONFIG("\"functionsPerClass\":50", "\"functionsPerClass\":51"),
        TARGET("\"target\":\"jvm\"", "\"target\":\"jvm2\"");

        final String text;
        final String otherText;

        Part(String text, String otherText) {
            this.text = text;
            this.otherText = otherText;
        }

        Lane of(Lane lane) {
            return switch (this) {
                case ENGINE -> new Lane(EngineId.parse(otherText), lane.engineHash(), lane.config(), lane.target());
                case ENGINE_HASH -> new Lane(lane.engine(), EngineHash.parse(otherText), lane.config(), lane.target());
                case CONFIG ->
                    new Lane(
                            lane.engine(),
                            lane.engineHash(),
                            CompileConfig.parse(lane.config().canonical().replace(text, otherText)),
                            lane.target());
                case TARGET -> new Lane(lane.engine(), lane.engineHash(), lane.config(), new Target("pulley64"));
            };
        }
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void an_artifact_of_another_lane_is_refused_although_it_is_signed(Part part) {
        Attestation attestation = inLane(part.of(one.attestation().lane()));
        byte[] envelope = attestation.sign(key).toJson();

        assertThat(check(() -> verifier.verify(envelope, one.key(), false))).isEqualTo(Check.KEY);
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void the_load_side_itself_refuses_an_artifact_of_another_lane(Part part) throws Exception {
        Attestation attestation = inLane(part.of(one.attestation().lane()));
        Attestation verified = verifier.verify(attestation.sign(key).toJson(), attestation.key(), false);

        assertThat(check(() -> loader.load(RealArtifact.handed(verified, one.payload()))))
                .isEqualTo(Check.LOADABLE);
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void a_statement_changed_to_another_lane_is_not_what_was_signed(Part part) throws Exception {
        String text =
                part == Part.ENGINE_HASH ? one.attestation().lane().engineHash().toString() : part.text;

        assertThat(check(() -> verifier.verify(edited(text, part.otherText), one.key(), false)))
                .isEqualTo(Check.SIGNATURE);
    }

    @Test
    void the_artifact_of_another_module_is_refused() {
        assertThat(check(() -> verifier.verify(other.envelope(), one.key(), false)))
                .isEqualTo(Check.KEY);
    }

    @Test
    void a_statement_changed_to_another_module_is_not_what_was_signed() {
        assertThat(check(() -> verifier.verify(
                        edited(
                                one.key().module().digest().hex(),
                                other.key().module().digest().hex()),
                        other.key(),
                        false)))
                .isEqualTo(Check.SIGNATURE);
    }

    @Test
    void a_statement_changed_to_another_artifact_key_is_not_what_was_signed() {
        assertThat(check(() -> verifier.verify(
                        edited(one.key().digest().hex(), other.key().digest().hex()), one.key(), false)))
                .isEqualTo(Check.SIGNATURE);
    }

    @Test
    void the_payload_of_another_artifact_is_refused() {
        assertThat(check(() -> loader.load(RealArtifact.handed(one.attestation(), other.payload()))))
                .isEqualTo(Check.INDEX);
    }

    @Test
    void the_signature_of_another_artifact_is_refused() {
        Envelope mine = Envelope.parse(one.envelope());
        Envelope theirs = Envelope.parse(other.envelope());
        byte[] swapped = new Envelope(mine.payloadType(), mine.payload(), mine.keyId(), theirs.signature()).toJson();

        assertThat(check(() -> verifier.verify(swapped, one.key(), false))).isEqualTo(Check.SIGNATURE);
    }

    @Test
    void another_trusted_key_is_not_the_one_that_signed() {
        SigningKey second = SigningKey.generate();
        Envelope mine = Envelope.parse(one.envelope());
        byte[] swapped = new Envelope(
                        mine.payloadType(),
                        mine.payload(),
                        second.verifyingKey().id(),
                        mine.signature())
                .toJson();

        assertThat(check(() -> trusting(second, "chicory", "jvm").verify(swapped, one.key(), false)))
                .isEqualTo(Check.SIGNATURE);
    }

    @Test
    void a_key_that_nobody_trusts_is_refused() {
        byte[] signed = one.attestation().sign(SigningKey.generate()).toJson();

        assertThat(check(() -> verifier.verify(signed, one.key(), false))).isEqualTo(Check.SIGNATURE);
    }

    @Test
    void a_key_for_another_engine_or_target_is_refused() {
        SigningKey second = SigningKey.generate();
        byte[] signed = one.attestation().sign(second).toJson();

        assertThat(Stream.of(trusting(second, "wasmtime", "jvm"), trusting(second, "chicory", "pulley64")))
                .allSatisfy(v -> assertThat(check(() -> v.verify(signed, one.key(), false)))
                        .isEqualTo(Check.KEY_SCOPE));
    }

    /** The same artifact as if it had been made in that lane, by who may. */
    private static Attestation inLane(Lane lane) {
        Attestation a = one.attestation();
        return new Attestation(
                a.module(),
                a.moduleBytes(),
                lane,
                a.format(),
                a.payload(),
                a.compressed(),
                a.index(),
                a.pack(),
                a.runtime(),
                a.builder(),
                a.startedOn(),
                a.finishedOn());
    }

    /** The first artifact's envelope with another text in its statement, the signature as it was. */
    private static byte[] edited(String text, String otherText) {
        Envelope signed = Envelope.parse(one.envelope());
        String statement = new String(Base64.getDecoder().decode(signed.payload()), StandardCharsets.UTF_8);
        assertThat(statement).contains(text);
        String changed = Base64.getEncoder()
                .encodeToString(statement.replace(text, otherText).getBytes(StandardCharsets.UTF_8));
        return new Envelope(signed.payloadType(), changed, signed.keyId(), signed.signature()).toJson();
    }

    private static AttestationVerifier trusting(SigningKey second, String engine, String target) {
        TrustPolicy policy = new TrustPolicy(
                1,
                NOW,
                NOW.plus(Duration.ofDays(1)),
                Duration.ZERO,
                List.of(trusted(key, "chicory", "jvm"), trusted(second, engine, target)),
                List.of(),
                Set.of(),
                Set.of());
        return new AttestationVerifier(() -> policy, InstantSource.system());
    }

    private static TrustedKey trusted(SigningKey signs, String engine, String target) {
        return new TrustedKey(
                signs.verifyingKey(),
                one.attestation().builder(),
                Set.of(engine),
                Set.of(target),
                NOW.minusSeconds(60),
                NOW.plus(Duration.ofDays(1)));
    }

    /** The check that fails, which its message must name. */
    private static Check check(ThrowingCallable call) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, call);
        assertThat(refused).as("the call is refused").isNotNull();
        assertThat(refused).hasMessageStartingWith(refused.check().label() + ": ");
        return refused.check();
    }
}
