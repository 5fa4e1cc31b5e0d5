package dev.precast.cache.outcome;

import static dev.precast.attestation.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.Samples;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.CompileOutcome.Failed;
import dev.precast.cache.outcome.CompileOutcome.Rejected;
import dev.precast.json.JsonObject;
import dev.precast.module.StaticCaps;
import dev.precast.protocol.KeyState;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutcomeRecordTest {
    private static final Rejected REJECTED = new Rejected(
            Samples.key(),
            Samples.digest("pack"),
            StaticCaps.DEFAULT.toJson(),
            new KeyState.Rejected("over-cap", "types: 1000000, at most 100000 are allowed"),
            Samples.NOW.plusMillis(500));
    private static final Failed FAILED = new Failed(
            Samples.key(),
            Samples.digest("pack"),
            Limits.DEFAULT,
            new KeyState.Failed(
                    Cause.MEMORY.label(),
                    "the heap was too small",
                    3,
                    Samples.NOW.plusSeconds(60).plusMillis(1)),
            Samples.NOW);

    @Test
    void a_rejection_is_read_back() throws RefusedException {
        assertThat(OutcomeRecord.read(payload(OutcomeRecord.sign(REJECTED, Samples.KEY)), Samples.key()))
                .isEqualTo(REJECTED);
    }

    @Test
    void a_failure_is_read_back() throws RefusedException {
        assertThat(OutcomeRecord.read(payload(OutcomeRecord.sign(FAILED, Samples.KEY)), Samples.key()))
                .isEqualTo(FAILED);
    }

    @Test
    void times_are_cut_to_the_second() {
        assertThat(REJECTED.at()).isEqualTo(Samples.NOW);
        assertThat(FAILED.state().retryAt()).isEqualTo(Samples.NOW.plusSeconds(60));
    }

    @Test
    void an_outcome_of_another_key_is_refused() throws RefusedException {
        byte[] payload = payload(OutcomeRecord.sign(FAILED, Samples.KEY));

        assertRefused(
                Check.KEY, () -> OutcomeRecord.read(payload, Samples.LANE.id().key(ModuleDigest.of(new byte[0]))));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"outcome\":\"failed\"', '\"outcome\":\"perhaps\"'",
        "'\"outcome\":\"failed\"', '\"outcome\":\"rejected\"'",
        "'\"cause\":\"memory\"', '\"cause\":\"MEMORY\"'",
        "'\"cause\":\"memory\"', '\"cause\":\"luck\"'",
        "'\"attempts\":3', '\"attempts\":0'",
        "'\"attempts\":3', '\"attempts\":4294967297'",
        "'\"attempts\":3', '\"attempts\":3,\"zz\":1'",
        "'\"heapMb\":2048', '\"heapMb\":-1'",
        "'\"at\":\"2026-01-02T03:04:05Z\"', '\"at\":\"now\"'",
        "'\"target\":\"jvm\"', '\"target\":\"jvm\",\"zz\":1'",
        "'{', '['",
    })
    void an_outcome_of_another_form_is_refused(String from, String to) throws RefusedException {
        String json = new String(payload(OutcomeRecord.sign(FAILED, Samples.KEY)), StandardCharsets.UTF_8);
        assertThat(json).contains(from);

        assertRefused(
                Check.STATEMENT,
                () -> OutcomeRecord.read(json.replace(from, to).getBytes(StandardCharsets.UTF_8), Samples.key()));
    }

    @Test
    void a_code_is_short_and_stable() {
        for (String code : new String[] {"", "Invalid", "in valid", "x".repeat(65), "1x"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Rejected(
                            Samples.key(),
                            Samples.digest("pack"),
                            JsonObject.EMPTY,
                            new KeyState.Rejected(code, "m"),
                            Samples.NOW))
                    .withMessageStartingWith("rejection code: expected");
        }
    }

    @Test
    void a_failure_was_tried() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Failed(
                        Samples.key(),
                        Samples.digest("pack"),
                        Limits.DEFAULT,
                        new KeyState.Failed(Cause.TIME.label(), "m", 0, Samples.NOW),
                        Samples.NOW))
                .withMessage("failure: expected at least 1 attempt, found 0");
    }

    private static byte[] payload(Envelope envelope) throws RefusedException {
        return envelope.open(Samples.KEY.verifyingKey());
    }
}
