package dev.precast.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleTest {
    @ParameterizedTest
    @CsvSource({"56, 8, 7", "10, 2, 5", "7, 1, 7", "6, 4, 2", "13, 2, 7"})
    void as_many_consecutive_runs_as_there_are_slices_try_every_case(int cases, int size, int slices) {
        List<Integer> all = IntStream.range(0, cases).boxed().toList();
        Set<Integer> tried = new HashSet<>();
        for (long run = 1_000; run < 1_000 + slices; run++) {
            List<Integer> slice = Scale.slice(run, all, size);
            assertThat(slice).hasSize(size).isSorted().isEqualTo(Scale.slice(run, all, size));
            tried.addAll(slice);
        }
        assertThat(tried).hasSize(cases);
    }
}
