package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ReportTest {
    private static Measure ready(double ms, String outcome) {
        return new Measure(ms, ms, 0, 1, ms, ms, 1, 1, 1, outcome);
    }

    private static Report report(Map<Mode, List<Measure>> measured) {
        return new Report("m.wasm", Digest.of(new byte[0]), List.of(), 3, new TreeMap<>(measured), Map.of(), List.of());
    }

    @Test
    void ratios_divide_medians_by_those_of_precast_from_disk() {
        Report report = report(Map.of(
                Mode.IN_PROCESS, List.of(ready(900, "x"), ready(300, "x"), ready(600, "x")),
                Mode.PRECAST_DISK, List.of(ready(2, "x"), ready(9, "x"), ready(4, "x"))));

        assertThat(JsonText.of(report.toJson()))
                .contains("\"ratios\":{\"ready\":{\"in-process\":150.000,\"precast-disk\":1.000}");
        assertThat(report.complete()).isTrue();
    }

    @Test
    void modes_with_different_outcomes_are_incomplete() {
        Report report = report(Map.of(
                Mode.IN_PROCESS, List.of(ready(1, "_start exit-0 a")),
                Mode.PRECAST_DISK, List.of(ready(1, "_start exit-0 b"))));

        assertThat(report.complete()).isFalse();
        assertThat(report.table()).contains("THE MODES HAVE DIFFERENT OUTCOMES");
    }

    @Test
    void the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assertThat(Measure.median(List.of(4.0, 1.0, 2.0, 9.0), Double::doubleValue))
                .isEqualTo(3.0);
    }

    @Test
    void reports_are_JSON() {
        assertThat(JsonText.of(Map.of("a", List.of(1.5, 2, "x\"", true))))
                .isEqualTo("{\"a\":[1.500,2,\"x\\\"\",true]}");
    }
}
