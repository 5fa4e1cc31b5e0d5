package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TrafficTest {
    private static final Traffic BEFORE =
            new Traffic(Map.of("api-1 GetObject", 3L, "worker-2 PutObject", 1L), 100, 2000, 1, 1.5);
    private static final Traffic AFTER = new Traffic(
            Map.of("api-1 GetObject", 5L, "api-1 HeadObject", 2L, "worker-2 PutObject", 1L), 160, 2500, 3, 4);

    @Test
    void calls_are_counted_by_node_and_operation() {
        String line = "- b [30/November/2026:19:38:46 +0000] 127.0.0.1 - 8VPO s3_%s x /b/x 200 - 0 0 0 0 -"
                + " aws-sdk-java/2.40 md/io#sync app/%s cfg/retry-mode#standard - host SigV4 - AuthHeader";

        assertThat(Traffic.calls(Stream.of(
                        "log starts 2026-11-30",
                        line.formatted("GetObject", "api-1"),
                        line.formatted("GetObject", "api-1"),
                        line.formatted("PutObject", "worker-2"))))
                .isEqualTo(Map.of("api-1 GetObject", 2L, "worker-2 PutObject", 1L));
    }

    @Test
    void the_difference_of_two_times_leaves_out_what_was_not_used_between_them() {
        assertThat(AFTER.since(BEFORE))
                .isEqualTo(new Traffic(Map.of("api-1 GetObject", 2L, "api-1 HeadObject", 2L), 60, 500, 2, 2.5));
    }

    @Test
    void gets_and_heads_are_billed_as_reads() {
        assertThat(AFTER.reads()).isEqualTo(7);
        assertThat(AFTER.writes()).isEqualTo(1);
    }
}
