package dev.precast.host.service;

import dev.precast.attestation.Attestation;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ReportReason;
import java.io.IOException;
import java.time.Duration;

/** Reports of artifacts that are damaged or do not load. Thread safe. */
final class ReportCalls {
    /** How long the service may check a payload before it answers the report that an artifact does not load. */
    private static final Duration UNLOADABLE_WAIT = Duration.ofSeconds(30);

    private final DocumentCalls reporting;
    private final Reported reported = new Reported();

    /** @param reporting separate calls for reports, so that a failed report does not make loads fail at once */
    ReportCalls(DocumentCalls reporting) {
        this.reporting = reporting;
    }

    /** See {@link dev.precast.host.PayloadSource#reportDamage}. */
    boolean damage(Attestation attestation, Duration wait) {
        if (!reported.isNew(attestation.payload().digest(), ReportReason.DAMAGED)) {
            return false;
        }
        String result = report(attestation, ReportReason.DAMAGED, wait);
        return result.equals("whole") || result.equals("rebuilt");
    }

    /** See {@link dev.precast.host.PayloadSource#reportUnloadable}. */
    void unloadable(Attestation attestation) {
        if (reported.isNew(attestation.payload().digest(), ReportReason.UNLOADABLE)) {
            // The service reads the payload before it answers, and the caller may be in the middle of a class's load.
            Thread sender =
                    new Thread(() -> report(attestation, ReportReason.UNLOADABLE, UNLOADABLE_WAIT), "precast-report");
            sender.setDaemon(true);
            sender.start();
        }
    }

    /** Sends a report. Returns the result; empty if the service does not answer, or takes no reports. */
    private String report(Attestation attestation, ReportReason reason, Duration wait) {
        JsonObject report = JsonObject.EMPTY
                .with("payload", attestation.payload().digest().toString())
                .with("reason", reason.label());
        try {
            return reporting
                    .json(
                            reporting.posting(Paths.reports(attestation.key()), report),
                            wait,
                            DocumentCalls.MAX_SMALL_ANSWER)
                    .string("result");
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
    }
}
