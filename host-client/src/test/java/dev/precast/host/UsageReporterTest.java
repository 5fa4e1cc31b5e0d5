package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.usage.UsageReporter;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsageReporterTest {
    private static final LaneId LANE = Deployment.LANE.id();

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Told told = new Told();
    /** Its thread reports once an hour, so never during a test. */
    private final UsageReporter reporter =
            new UsageReporter(List.of(told), Optional.of("edge"), Duration.ofHours(1), () -> now);

    /** A usage service that records the reports that it receives. */
    private static final class Told implements ArtifactSource, UsageService {
        final List<Map<ModuleDigest, Integer>> reports = new ArrayList<>();
        boolean away;

        @Override
        public void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException {
            if (away) {
                throw new IOException("away");
            }
            assertThat(group).contains("edge");
            reports.add(loads.get(LANE));
        }

        @Override
        public List<ModuleDigest> used(Optional<String> group, Duration within) {
            return List.of();
        }

        @Override
        public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) {
            return List.of();
        }

        @Override
        public InputStream open(Attestation attestation) throws IOException {
            throw new IOException("nothing here");
        }

        @Override
        public Optional<byte[]> trust() {
            return Optional.empty();
        }
    }

    @Test
    void each_module_is_reported_once_a_day_with_all_its_loads() {
        reporter.loaded(Deployment.module(1), LANE);
        reporter.loadedAgain(Deployment.module(1));
        reporter.run();
        reporter.loadedAgain(Deployment.module(1));
        reporter.loaded(Deployment.module(2), LANE);
        now = now.plus(Duration.ofHours(1));
        reporter.run();
        now = now.plus(Duration.ofHours(20));
        reporter.run();
        now = now.plus(Duration.ofHours(40));
        reporter.run();

        assertThat(told.reports)
                .containsExactly(
                        Map.of(Deployment.module(1), 2),
                        Map.of(Deployment.module(2), 1),
                        Map.of(Deployment.module(1), 1));
    }

    @Test
    void a_report_is_bounded_and_the_rest_comes_with_the_next() {
        for (int i = 0; i < 300; i++) {
            reporter.loaded(Deployment.module(i), LANE);
        }
        reporter.run();
        reporter.run();

        assertThat(told.reports).extracting(Map::size).containsExactly(256, 44);
    }

    @Test
    void a_failed_report_is_repeated() {
        told.away = true;
        reporter.loaded(Deployment.module(1), LANE);
        reporter.run();
        told.away = false;
        reporter.run();

        assertThat(told.reports).containsExactly(Map.of(Deployment.module(1), 1));
    }
}
