package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryFitTest {
    @ParameterizedTest
    @CsvSource({"8, 3072, 65536, 4", "8, 3072, 10000, 3", "8, 3072, 6655, 1", "8, 3072, 300, 1", "1, 3072, 65536, 1"})
    void the_default_number_of_slots_fits_into_the_memory(int processors, int memoryMb, long totalMb, int slots) {
        assertThat(MemoryFit.defaultSlots(processors, memoryMb, totalMb)).isEqualTo(slots);
    }

    @Test
    void slots_that_do_not_fit_are_told_with_what_they_need() {
        assertThat(new MemoryFit(4, 1024, 4608).problem()).isEmpty();
        assertThat(new MemoryFit(4, 1024, 4607).problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("4 slots of 1024 MiB and 512 MiB for the worker do not fit into the memory"
                                + " (expected at most 4607 MiB, found 4608 MiB)"));
    }
}
