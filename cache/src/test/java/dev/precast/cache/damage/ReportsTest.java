package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Fixture;
import dev.precast.cache.damage.Checks.Submitted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private static final Digest PAYLOAD = Digest.of(Fixture.WASM);

    private final Fixture fixture = new Fixture();
    private final List<ArtifactKey> checked = new CopyOnWriteArrayList<>();
    private final List<Submitted> told = new ArrayList<>();
    private volatile Healed result = Healed.REBUILT;
    private final Checks checks = new Checks(
            key -> {
                checked.add(key);
                return result;
            },
            fixture.ticker);
    private final Reports reports = new Reports(fixture.artifacts, fixture.retired(), checks, told::add);

    @AfterEach
    void close() throws Exception {
        checks.close();
    }

    private Optional<Submitted> report(ArtifactKey key, Digest payload) throws InterruptedException {
        return reports.receive(key, payload, "host", Duration.ofSeconds(30));
    }

    @Test
    void a_report_about_the_current_payload_is_checked() throws Exception {
        fixture.publish();

        assertThat(report(fixture.artifact, PAYLOAD)).contains(new Submitted.Done(Healed.REBUILT));

        assertThat(checked).containsExactly(fixture.artifact);
        assertThat(told).containsExactly(new Submitted.Done(Healed.REBUILT));
    }

    @Test
    void a_report_about_another_payload_or_key_is_not_checked() throws Exception {
        fixture.publish();

        assertThat(report(fixture.artifact, Digest.of(new byte[0]))).isEmpty();
        assertThat(report(fixture.lane.id().key(ModuleDigest.of(new byte[0])), PAYLOAD))
                .isEmpty();

        assertThat(checked).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void a_report_about_an_artifact_that_was_just_retired_is_checked() throws Exception {
        fixture.publish();
        fixture.retire();

        assertThat(report(fixture.artifact, PAYLOAD)).isPresent();
    }

    @Test
    void an_artifact_whose_payload_is_gone_is_unknown() throws Exception {
        fixture.publish();
        result = Healed.ABSENT;

        assertThat(report(fixture.artifact, PAYLOAD)).isEmpty();
    }
}
