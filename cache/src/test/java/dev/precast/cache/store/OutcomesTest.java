package dev.precast.cache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Samples;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.CompileOutcome.Failed;
import dev.precast.cache.outcome.CompileOutcome.Rejected;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import dev.precast.testing.Scale;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Gatherers;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OutcomesTest {
    private static final Rejected REJECTED = new Rejected(
            Samples.key(),
            Samples.digest("pack"),
            JsonObject.EMPTY,
            new KeyState.Rejected("invalid-module", "bad"),
            Samples.NOW);

    private final AtomicReference<TrustPolicy> policy =
            new AtomicReference<>(Samples.policy(Samples.trusted(Samples.KEY)));
    private final Outcomes outcomes = new Outcomes(
            new MemoryDocumentStore(), new AttestationVerifier(policy::get, () -> Samples.NOW), () -> Samples.NOW);

    @Test
    void the_newest_outcome_counts() {
        outcomes.put(Samples.key(), OutcomeRecord.sign(failed(1), Samples.KEY));
        outcomes.put(Samples.key(), OutcomeRecord.sign(REJECTED, Samples.KEY));

        assertThat(outcomes.find(Samples.key())).contains(REJECTED);
    }

    @Test
    void a_deleted_outcome_is_absent() {
        outcomes.put(Samples.key(), OutcomeRecord.sign(REJECTED, Samples.KEY));
        outcomes.delete(Samples.key());
        outcomes.delete(Samples.key());

        assertThat(outcomes.find(Samples.key())).isEmpty();
    }

    @Test
    void an_outcome_without_a_trusted_signature_does_not_count_and_is_replaced() {
        outcomes.put(Samples.key(), OutcomeRecord.sign(REJECTED, SigningKey.generate()));
        assertThat(outcomes.find(Samples.key())).isEmpty();

        outcomes.put(Samples.key(), OutcomeRecord.sign(failed(1), Samples.KEY));
        assertThat(outcomes.find(Samples.key())).contains(failed(1));
    }

    @Test
    void an_outcome_of_a_denied_pack_does_not_count() {
        outcomes.put(Samples.key(), OutcomeRecord.sign(REJECTED, Samples.KEY));
        policy.set(Samples.policy(List.of(), Set.of(Samples.digest("pack")), Samples.trusted(Samples.KEY)));

        assertThat(outcomes.find(Samples.key())).isEmpty();
    }

    @Test
    void an_outcome_of_another_key_does_not_count() {
        var other = Samples.LANE.id().key(ModuleDigest.of(new byte[0]));
        outcomes.put(other, OutcomeRecord.sign(REJECTED, Samples.KEY));

        assertThat(outcomes.find(other)).isEmpty();
    }

    @Test
    void concurrent_writers_leave_one_outcome() throws Exception {
        IntStream.rangeClosed(1, 8)
                .boxed()
                .gather(Gatherers.mapConcurrent(8, (Integer number) -> {
                    outcomes.put(Samples.key(), OutcomeRecord.sign(failed(number), Samples.KEY));
                    return number;
                }))
                .forEach(number -> {});

        CompileOutcome left = outcomes.find(Samples.key()).orElseThrow();
        assertThat(left).isInstanceOf(Failed.class);
    }

    /** The signature covers what counts; the id of the key is only a hint to the reader. */
    @Test
    void an_outcome_with_one_flipped_bit_anywhere_never_says_something_else() {
        MemoryDocumentStore documents = new MemoryDocumentStore();
        Outcomes damaged =
                new Outcomes(documents, new AttestationVerifier(policy::get, () -> Samples.NOW), () -> Samples.NOW);
        damaged.put(Samples.key(), OutcomeRecord.sign(REJECTED, Samples.KEY));
        String name = DocumentNames.outcome(Samples.key());
        byte[] good = documents.find(name).orElseThrow().bytes();

        int flips = 0;
        int absent = 0;
        for (int i : Scale.sample(OutcomesTest.class, positions(good), 200)) {
            byte[] bad = good.clone();
            bad[i] ^= (byte) (1 << (i % 8));
            documents.put(name, bad, DocumentStore.ANY);
            flips++;
            absent += damaged.find(Samples.key()).isEmpty() ? 1 : 0;
            assertThat(damaged.find(Samples.key()).orElse(REJECTED)).isEqualTo(REJECTED);
        }
        assertThat(absent).isGreaterThan(flips * 3 / 4);

        damaged.put(Samples.key(), OutcomeRecord.sign(REJECTED, Samples.KEY));
        assertThat(damaged.find(Samples.key())).contains(REJECTED);
    }

    @Test
    void a_back_off_of_a_writer_whose_clock_is_ahead_lasts_no_longer_than_it_should() {
        Instant written = Samples.NOW.plus(Duration.ofMinutes(14));
        AtomicReference<Instant> now = new AtomicReference<>(Samples.NOW);
        Outcomes reader = new Outcomes(
                new MemoryDocumentStore(), new AttestationVerifier(policy::get, () -> Samples.NOW), now::get);
        Failed ahead = new Failed(
                Samples.key(),
                Samples.digest("pack"),
                Limits.DEFAULT,
                new KeyState.Failed("time", "slow", 1, written.plusSeconds(60)),
                written);
        reader.put(Samples.key(), OutcomeRecord.sign(ahead, Samples.KEY));

        for (int second : new int[] {0, 59, 600}) {
            now.set(Samples.NOW.plusSeconds(second));
            assertThat(reader.find(Samples.key())
                            .map(found -> ((Failed) found).state().retryAt()))
                    .hasValue(Samples.NOW.plusSeconds(60));
        }
    }

    private static Failed failed(int attempts) {
        return new Failed(
                Samples.key(),
                Samples.digest("pack"),
                Limits.DEFAULT,
                new KeyState.Failed("time", "slow", attempts, Samples.NOW.plusSeconds(60)),
                Samples.NOW);
    }

    private static List<Integer> positions(byte[] bytes) {
        return IntStream.range(0, bytes.length).boxed().toList();
    }
}
