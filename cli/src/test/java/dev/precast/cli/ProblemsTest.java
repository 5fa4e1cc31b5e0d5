package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.host.MissReason;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProblemsTest {
    @ParameterizedTest
    @CsvSource({
        "404, module-unknown, NOT_FOUND",
        "409, engine-not-served, NOT_FOUND",
        "503, compilation-failed, NOT_FOUND",
        "422, module-rejected, REJECTED",
        "422, not-wasm, REJECTED",
        "413, module-too-large, REJECTED",
        "503, queue-full, UNREACHABLE",
        "429, too-many-requests, UNREACHABLE",
        "502, anything, UNREACHABLE",
        "400, bad-request, OTHER",
        "401, unauthenticated, OTHER",
        "500, internal, OTHER"
    })
    void every_problem_has_an_exit_code(int status, String code, Exit exit) {
        assertThat(Problems.exit(status, ProblemCode.ofLabel(code))).isEqualTo(exit);
    }

    @ParameterizedTest
    @CsvSource({
        "module-unknown, NOT_FOUND",
        "engine-not-served, NOT_FOUND",
        "queue-full, UNREACHABLE",
        "too-many-requests, UNREACHABLE",
        "forbidden, OTHER",
        "of-a-proxy, UNREACHABLE"
    })
    void a_request_that_was_not_accepted_has_the_exit_code_of_its_problem(String code, Exit exit) {
        MissReason reason = new MissReason.NotAccepted(ProblemCode.ofLabel(code), "said so");

        assertThat(Problems.failure(reason, "module").exit()).isEqualTo(exit);
    }

    @Test
    void the_state_of_a_key_has_an_exit_code() {
        assertThat(exit(new KeyState.Rejected("invalid-module", ""))).isEqualTo(Exit.REJECTED);
        assertThat(exit(new KeyState.Failed("time", "", 1, Instant.EPOCH))).isEqualTo(Exit.NOT_FOUND);
        assertThat(exit(new KeyState.Compiling())).isEqualTo(Exit.NOT_FOUND);
        assertThat(exit(new KeyState.Absent(false))).isEqualTo(Exit.NOT_FOUND);
    }

    private static Exit exit(KeyState state) {
        return Problems.failure(new MissReason.NoArtifact(state), "key").exit();
    }
}
