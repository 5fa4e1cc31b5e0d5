package dev.precast.cache.damage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Fixture;
import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.damage.Rechecks.Opened;
import dev.precast.cache.damage.Reports.Received;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ReportReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private static final Digest PAYLOAD = Digest.of(Fixture.WASM);

    private final Fixture fixture = new Fixture();
    private final List<ArtifactKey> checked = new CopyOnWriteArrayList<>();
    private final List<Received> told = new ArrayList<>();
    private volatile Healed result = Healed.REBUILT;
    private final Checks checks = new Checks(
            key -> {
                checked.add(key);
                return result;
            },
            fixture.ticker);
    private final Rechecks rechecks = new Rechecks(fixture.documents, fixture.clock);
    private final Reports reports = new Reports(
            fixture.artifacts,
            fixture.retired(),
            checks,
            new RecheckRequests(rechecks, fixture.workers, fixture.queue, 1),
            (reason, answer) -> told.add(answer));

    @AfterEach
    void close() throws Exception {
        checks.close();
    }

    private Received report(ArtifactKey key, Digest payload) throws InterruptedException {
        return report(key, payload, ReportReason.DAMAGED);
    }

    private Received report(ArtifactKey key, Digest payload, ReportReason reason) throws InterruptedException {
        return reports.receive(key, payload, reason, "host", Duration.ofSeconds(30));
    }

    private static Received done(Healed healed) {
        return new Received.Checked(new Submitted.Done(healed));
    }

    @Test
    void a_report_about_the_current_payload_is_checked() throws Exception {
        fixture.publish();

        assertThat(report(fixture.artifact, PAYLOAD)).isEqualTo(done(Healed.REBUILT));

        assertThat(checked).containsExactly(fixture.artifact);
        assertThat(told).containsExactly(done(Healed.REBUILT));
    }

    @Test
    void a_report_about_another_payload_or_key_is_not_checked() throws Exception {
        fixture.publish();

        assertThat(report(fixture.artifact, Digest.of(new byte[0]))).isEqualTo(new Received.Unknown());
        assertThat(report(fixture.lane.id().key(ModuleDigest.of(new byte[0])), PAYLOAD))
                .isEqualTo(new Received.Unknown());

        assertThat(checked).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void a_report_about_an_artifact_that_was_just_retired_is_checked() throws Exception {
        fixture.publish();
        fixture.retire();

        assertThat(report(fixture.artifact, PAYLOAD)).isEqualTo(done(Healed.REBUILT));
    }

    @Test
    void an_artifact_whose_payload_is_gone_is_unknown() throws Exception {
        fixture.publish();
        result = Healed.ABSENT;

        assertThat(report(fixture.artifact, PAYLOAD)).isEqualTo(new Received.Unknown());
    }

    @Test
    void an_artifact_that_does_not_load_is_tested_only_if_its_payload_is_whole() throws Exception {
        fixture.publish();
        fixture.alive("one", Limits.DEFAULT, JsonObject.EMPTY);

        assertThat(report(fixture.artifact, PAYLOAD, ReportReason.UNLOADABLE)).isEqualTo(done(Healed.REBUILT));
        assertThat(fixture.queue.holds(fixture.artifact)).isFalse();

        result = Healed.WHOLE;
        assertThat(report(fixture.artifact, PAYLOAD, ReportReason.UNLOADABLE))
                .isEqualTo(new Received.Tested(Opened.OPEN));
        assertThat(fixture.queue.holds(fixture.artifact)).isTrue();
        assertThat(rechecks.find(fixture.artifact)).isPresent();
    }

    @Test
    void without_a_worker_nothing_is_tested() throws Exception {
        fixture.publish();
        result = Healed.WHOLE;

        assertThat(report(fixture.artifact, PAYLOAD, ReportReason.UNLOADABLE))
                .isEqualTo(new Received.Tested(Opened.BUSY));
    }
}
