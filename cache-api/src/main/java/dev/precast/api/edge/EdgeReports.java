package dev.precast.api.edge;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.damage.Healed;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ReportReason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * Reports of hosts about artifacts. A report of damage makes the edge check what it keeps itself; only if it keeps nothing,
 * the upstream gets the report. Reports of the same artifact at the same time are one report.
 *
 * <p>Thread safe.
 */
public final class EdgeReports {
    /** How long the upstream may check a payload that it sent with wrong bytes. */
    private static final Duration UPSTREAM_CHECK = Duration.ofSeconds(4);

    private final Upstream upstream;
    private final KeptArtifacts kept;
    private final EdgeArtifacts artifacts;
    private final EdgeLookups lookups;
    private final Checks checks;
    private final Flights<Report, Upstream.Answer> flights = new Flights<>();

    /** @param checks checks the kept payloads, with {@link KeptArtifacts#check} */
    public EdgeReports(
            Upstream upstream, KeptArtifacts kept, EdgeArtifacts artifacts, EdgeLookups lookups, Checks checks) {
        this.upstream = upstream;
        this.kept = kept;
        this.artifacts = artifacts;
        this.lookups = lookups;
        this.checks = checks;
    }

    /**
     * A report.
     *
     * @param payload digest of the uncompressed payload
     */
    public record Report(ArtifactKey key, Digest payload, ReportReason reason) {}

    /** The answer to a report. */
    public sealed interface Received {
        /** This edge checks what it keeps, or has checked it. */
        record Own(Submitted check) implements Received {}

        /** The upstream's answer. */
        record Forwarded(Upstream.Answer answer) implements Received {}
    }

    /**
     * Takes a report.
     *
     * @param caller name of the host's token, for its share of the checks
     * @param wait how long to wait for the check
     */
    public Received receive(Asker asker, String caller, Report report, Duration wait)
            throws UpstreamException, InterruptedException {
        boolean keeps = kept.find(report.key)
                .filter(artifact -> artifact.payload().digest().equals(report.payload))
                .isPresent();
        if (keeps) {
            Submitted check = checks.request(report.key, caller, wait);
            boolean whole = check.equals(new Submitted.Done(Healed.WHOLE));
            boolean settled = !check.equals(new Submitted.Done(Healed.ABSENT))
                    && !(whole && report.reason == ReportReason.UNLOADABLE);
            if (settled) {
                return new Received.Own(check);
            }
        }
        return new Received.Forwarded(forward(asker, report, wait));
    }

    private Upstream.Answer forward(Asker asker, Report report, Duration wait) throws UpstreamException {
        Duration time = Upstream.ANSWER_TIME.plus(wait);
        return flights.answer(report, time, () -> send(asker, report, wait));
    }

    private Upstream.Answer send(Asker asker, Report report, Duration wait) throws UpstreamException {
        JsonObject body =
                JsonObject.EMPTY.with("payload", report.payload.toString()).with("reason", report.reason.label());
        Map<String, String> headers = wait.toSeconds() > 0 ? Map.of("Prefer", "wait=" + wait.toSeconds()) : Map.of();
        Upstream.Answer answer =
                upstream.post(asker, Paths.reports(report.key), body, headers, Upstream.ANSWER_TIME.plus(wait));
        // The artifact may be gone, or have another payload now.
        artifacts.doubt(report.key);
        lookups.doubt(report.key.module());
        return answer;
    }

    /** Tells the upstream that it sent wrong bytes; returns whether it has the attested ones now. */
    boolean healsUpstream(Asker asker, ArtifactKey key, Digest payload) throws UpstreamException {
        Upstream.Answer answer = forward(asker, new Report(key, payload, ReportReason.DAMAGED), UPSTREAM_CHECK);
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        return answer.isOk() && (body.contains("\"whole\"") || body.contains("\"rebuilt\""));
    }
}
