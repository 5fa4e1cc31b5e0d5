package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.api.json.Preferences;
import dev.precast.api.json.Problem;
import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.damage.Reports;
import dev.precast.cache.damage.Reports.Received;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import dev.precast.protocol.ReportReason;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Reports of hosts that received a damaged payload, or could not load an artifact. */
@Path(Paths.REPORTS_TEMPLATE)
@Tag(name = "Artifacts")
@RunOnVirtualThread
public final class ReportsResource {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Reports reports;

    ReportsResource(Reports reports) {
        this.reports = reports;
    }

    /**
     * A report.
     *
     * @param payload digest of the uncompressed payload that the attestation names
     * @param reason a {@link ReportReason}
     */
    record Report(
            @NotNull @Size(max = 71) String payload,

            @NotNull @Pattern(regexp = "damaged|unloadable", message = "must be damaged or unloadable")
            String reason) {}

    /**
     * @param result {@code whole}, {@code rebuilt}, {@code dropped}, {@code unknown} or {@code checking}; for an
     *     artifact that is whole and did not load, {@code rechecking} or {@code closed}
     */
    record Checked(String result) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Reports an artifact; with Prefer: wait=N waits up to N seconds for the check of its payload")
    @APIResponse(
            responseCode = "200",
            description = "the payload was checked, or workers tested the artifact within the last day")
    @APIResponse(responseCode = "202", description = "the payload will be checked, or workers test the artifact")
    @APIResponse(responseCode = "404", description = "artifact-unknown")
    @APIResponse(responseCode = "429", description = "too-many-requests")
    @APIResponse(responseCode = "503", description = "store- or queue-unavailable, no-policy")
    public Response report(
            @BeanParam ArtifactPath path,
            @NotNull @Valid Report report,
            @Context HttpHeaders headers,
            @Context RoutingContext context)
            throws InterruptedException {
        ArtifactKey key = path.key();
        Caller caller = Objects.requireNonNull(context.get(Access.CALLER));
        Duration asked = Preferences.wait(headers.getRequestHeader("Prefer"));
        Received received = reports.receive(
                key,
                Names.digest(report.payload()),
                ReportReason.ofLabel(report.reason()).orElseThrow(),
                caller.name(),
                asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked);
        return switch (received) {
            case Received.Unknown _ ->
                Problem.response(
                        ProblemCode.ARTIFACT_UNKNOWN,
                        "no artifact of " + key + " has the payload " + report.payload() + "; look it up again");
            case Received.Checked checked -> answer(checked.check());
            case Received.Tested tested -> answer(tested.recheck());
        };
    }

    /** The answer to a report whose payload was checked, or will be. */
    static Response answer(Submitted submitted) {
        return switch (submitted) {
            case Submitted.Done done -> answer(200, done.healed().name().toLowerCase(Locale.ROOT));
            case Submitted.Running _ -> answer(202, "checking");
            case Submitted.Full _ ->
                Problem.response(ProblemCode.TOO_MANY_REQUESTS, "checks: too many are waiting; retry later");
        };
    }

    private static Response answer(Rechecks.Opened recheck) {
        return switch (recheck) {
            case OPEN -> answer(202, "rechecking");
            case CLOSED -> answer(200, "closed");
            case BUSY ->
                Problem.response(ProblemCode.TOO_MANY_REQUESTS, "rechecks: none can be started now; retry later");
        };
    }

    private static Response answer(int status, String result) {
        return Response.status(status).entity(new Checked(result)).build();
    }
}
