package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProblemsTest {
    private static final URI WHERE = URI.create("http://127.0.0.1:1/v1/x");

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
        assertThat(Problems.exit(status, code)).isEqualTo(exit);
    }

    @Test
    void the_detail_is_what_the_user_reads() {
        CommandFailed failure = Problems.failure(
                WHERE,
                404,
                "{\"code\":\"module-unknown\",\"detail\":\"no module x\"}".getBytes(StandardCharsets.UTF_8));

        assertThat(failure.code()).isEqualTo("module-unknown");
        assertThat(failure.text()).isEqualTo("no module x");
    }

    @Test
    void an_answer_without_a_problem_document_is_told_by_its_status() {
        CommandFailed failure =
                Problems.failure(WHERE, 502, "<html>bad gateway</html>".getBytes(StandardCharsets.UTF_8));

        assertThat(failure.exit()).isEqualTo(Exit.UNREACHABLE);
        assertThat(failure.text()).contains(WHERE.toString()).contains("502");
    }
}
