package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.Samples;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.testing.Scale;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArtifactsTest {
    private final SigningKey second = SigningKey.generate();
    private final AtomicReference<TrustPolicy> policy =
            new AtomicReference<>(Samples.policy(Samples.trusted(Samples.KEY), Samples.trusted(second)));
    private final MemoryDocumentStore attestations = new MemoryDocumentStore();
    private final MemoryContentStore payloads = new MemoryContentStore();
    private final Artifacts artifacts =
            new Artifacts(attestations, payloads, new AttestationVerifier(policy::get, () -> Samples.NOW));

    @BeforeEach
    void storePayloads() throws Exception {
        for (String payload : new String[] {"payload", "another"}) {
            payloads.put(new ByteArrayInputStream(payload.getBytes(StandardCharsets.UTF_8)), null, 100);
        }
    }

    @Test
    void an_unpublished_artifact_is_absent() {
        assertThat(artifacts.find(Samples.key())).isEmpty();
    }

    @Test
    void a_published_artifact_is_present() {
        publish(Samples.attestation(), Samples.KEY);

        assertThat(found()).isEqualTo(Samples.attestation());
        assertThat(artifacts.find(Samples.key()).orElseThrow().payload())
                .isEqualTo(Samples.attestation().payload());
    }

    @Test
    void an_existing_attestation_stays_and_the_second_writer_gets_it() {
        publish(Samples.attestation(), Samples.KEY);

        publish(another(), second);

        assertThat(found()).isEqualTo(Samples.attestation());
    }

    @Test
    void all_of_64_concurrent_writers_get_the_one_stored_attestation() throws Exception {
        List<Attestation> told = IntStream.range(0, 64)
                .boxed()
                .gather(Gatherers.mapConcurrent(64, (Integer number) -> {
                    boolean odd = number % 2 == 1;
                    publish(odd ? Samples.attestation() : another(), odd ? Samples.KEY : second);
                    return found();
                }))
                .toList();

        assertThat(told).containsOnly(found());
    }

    @Test
    void an_attestation_of_a_revoked_key_counts_as_absent_and_is_replaced() {
        publish(Samples.attestation(), Samples.KEY);
        policy.set(Samples.policy(Samples.trusted(second)));

        assertThat(refusal()).startsWith("signature: made by key ");
        publish(another(), second);
        assertThat(found()).isEqualTo(another());
    }

    @Test
    void an_attestation_of_a_denied_payload_counts_as_absent_and_is_replaced() {
        publish(Samples.attestation(), Samples.KEY);
        policy.set(Samples.policy(List.of(), Set.of(Samples.digest("payload")), Samples.trusted(Samples.KEY)));

        assertThat(refusal()).startsWith("policy: payload sha256:");
        publish(another(), Samples.KEY);
        assertThat(found()).isEqualTo(another());
    }

    @Test
    void an_attestation_with_a_missing_or_truncated_payload_counts_as_absent_and_is_replaced() {
        publish(Samples.attestation(), Samples.KEY);
        payloads.delete(Samples.digest("payload"));

        assertThat(refusal()).isEqualTo("payload: " + Samples.digest("payload") + " is not stored");
        publish(another(), Samples.KEY);
        assertThat(found()).isEqualTo(another());
    }

    @Test
    void an_attestation_that_policy_refuses_counts_as_absent() {
        SigningKey stranger = SigningKey.generate();

        Attestation attestation = Samples.attestation();

        assertThat(artifacts.publish(attestation, attestation.sign(stranger)))
                .hasValueSatisfying(why -> assertThat(why).startsWith("signature:"));
        assertThat(artifacts.find(Samples.key())).isEmpty();
    }

    @Test
    void a_signer_learns_before_the_work_that_policy_refuses_its_key() {
        Attestation attestation = Samples.attestation();

        assertThat(artifacts.refusal(attestation, attestation.sign(Samples.KEY)))
                .isEmpty();
        assertThat(artifacts.refusal(attestation, attestation.sign(SigningKey.generate())))
                .hasValueSatisfying(why -> assertThat(why).startsWith("signature:"));
    }

    @Test
    void malformed_attestation_bytes_count_as_absent_and_are_replaced() {
        String name =
                "attestations/chicory@1.7.5+1/" + Samples.LANE.id().digest().hex() + "/"
                        + Samples.MODULE.digest().hex();
        attestations.put(name, new byte[] {1, 2, 3}, null);

        assertThat(refusal()).startsWith("envelope: ");
        publish(Samples.attestation(), Samples.KEY);
        assertThat(found()).isEqualTo(Samples.attestation());
    }

    @Test
    void an_attestation_with_one_flipped_bit_anywhere_counts_as_absent_and_is_replaced() {
        String name = DocumentNames.attestation(Samples.key());
        publish(Samples.attestation(), Samples.KEY);
        byte[] good = attestations.find(name).orElseThrow().bytes();

        for (int i : Scale.sample(ArtifactsTest.class, positions(good), 100)) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 << (i % 8));
            attestations.put(name, bad, DocumentStore.ANY);
            publish(Samples.attestation(), Samples.KEY);
            assertThat(found()).as("flip of byte %s", i).isEqualTo(Samples.attestation());
        }
    }

    private void publish(Attestation attestation, SigningKey key) {
        assertThat(artifacts.publish(attestation, attestation.sign(key))).isEmpty();
    }

    private static Attestation another() {
        Attestation a = Samples.attestation();
        SizedDigest payload = new SizedDigest(Digest.of("another".getBytes(StandardCharsets.UTF_8)), 7);
        return new Attestation(
                a.module(),
                a.moduleBytes(),
                a.lane(),
                a.format(),
                payload,
                a.compressed(),
                a.index(),
                a.pack(),
                a.runtime(),
                a.builder(),
                a.startedOn(),
                a.finishedOn());
    }

    private Attestation found() {
        try {
            return Attestation.unverified(
                    artifacts.find(Samples.key()).orElseThrow().state().envelope());
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    private String refusal() {
        assertThat(artifacts.find(Samples.key())).isEmpty();
        return artifacts
                .refusal(Samples.key(), attestations.find(DocumentNames.attestation(Samples.key())))
                .orElseThrow();
    }

    private static List<Integer> positions(byte[] bytes) {
        return IntStream.range(0, bytes.length).boxed().toList();
    }
}
