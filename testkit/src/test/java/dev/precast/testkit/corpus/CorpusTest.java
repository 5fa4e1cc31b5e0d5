package dev.precast.testkit.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CorpusTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("dev.precast.testkit.corpus.Corpus#names")
    void a_real_module_has_an_exercise(String name) {
        assertThat(Corpus.exercise(name)).isNotNull();
    }

    @Test
    void a_module_that_was_not_fetched_is_absent() {
        assertThat(Corpus.in(folder).module("ruby")).isEmpty();
    }

    @Test
    void a_file_that_is_not_the_pinned_one_is_refused() throws Exception {
        Files.write(folder.resolve("rabin.wasm"), new byte[] {0});

        assertThatThrownBy(() -> Corpus.in(folder).module("rabin"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rabin.wasm: expected SHA-256 ec0c77d6");
    }

    @Test
    void a_name_that_is_not_in_the_list_is_an_error() {
        assertThatThrownBy(() -> Corpus.in(folder).module("nonsense"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found nonsense");
    }
}
