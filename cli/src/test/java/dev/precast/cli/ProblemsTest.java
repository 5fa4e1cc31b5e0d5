package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.protocol.ProblemCode;
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
        "502, anything, UNREACHABLE",
        "400, bad-request, OTHER",
        "401, unauthenticated, OTHER",
        "500, internal, OTHER"
    })
    void every_problem_has_an_exit_code(int status, String code, Exit exit) {
        assertThat(Problems.exit(status, ProblemCode.ofLabel(code))).isEqualTo(exit);
    }
}
