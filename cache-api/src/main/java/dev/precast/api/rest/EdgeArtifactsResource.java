package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Role;
import dev.precast.api.edge.Asker;
import dev.precast.api.edge.EdgeArtifacts;
import dev.precast.api.edge.EdgeMetrics;
import dev.precast.api.edge.EdgePayloads;
import dev.precast.api.edge.EdgeReports;
import dev.precast.api.edge.EdgeReports.Received;
import dev.precast.api.edge.Upstream;
import dev.precast.api.edge.UpstreamException;
import dev.precast.api.json.Names;
import dev.precast.api.json.Preferences;
import dev.precast.api.json.Problem;
import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import dev.precast.protocol.ReportReason;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Attestations, payloads and reports at an edge. */
@OnEdge
@Path(EdgeGate.PREFIX + Paths.ARTIFACT_TEMPLATE)
@RunOnVirtualThread
public final class EdgeArtifactsResource {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final EdgeArtifacts artifacts;
    private final EdgePayloads payloads;
    private final EdgeReports reports;
    private final Upstream upstream;
    private final DownloadGate downloads;
    private final EdgeMetrics metrics;

    EdgeArtifactsResource(
            EdgeArtifacts artifacts,
            EdgePayloads payloads,
            EdgeReports reports,
            Upstream upstream,
            DownloadGate downloads,
            EdgeMetrics metrics) {
        this.artifacts = artifacts;
        this.payloads = payloads;
        this.reports = reports;
        this.upstream = upstream;
        this.downloads = downloads;
        this.metrics = metrics;
    }

    @GET
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response get(@BeanParam ArtifactPath path, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        return payload(path.key(), headers, true, context);
    }

    @HEAD
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response head(@BeanParam ArtifactPath path, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        return payload(path.key(), headers, false, context);
    }

    @GET
    @Path("/attestation")
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response attestation(@BeanParam ArtifactPath path, @Context RoutingContext context) {
        ArtifactKey key = path.key();
        return artifacts
                .find(EdgeGate.asker(context), key)
                .map(artifact -> Response.ok(artifact.state().envelope(), TrustResource.ENVELOPE)
                        .build())
                .orElseGet(() -> Problem.response(ProblemCode.ARTIFACT_UNKNOWN, "no artifact of " + key));
    }

    @POST
    @Path("/reports")
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response report(
            @BeanParam ArtifactPath path,
            @NotNull @Valid ReportsResource.Report report,
            @Context HttpHeaders headers,
            @Context RoutingContext context)
            throws InterruptedException {
        Caller caller = Objects.requireNonNull(context.get(Access.CALLER));
        Duration asked = Preferences.wait(headers.getRequestHeader("Prefer"));
        try {
            Received received = reports.receive(
                    EdgeGate.asker(context),
                    caller.name(),
                    new EdgeReports.Report(
                            path.key(),
                            Names.digest(report.payload()),
                            ReportReason.ofLabel(report.reason()).orElseThrow()),
                    asked.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : asked);
            return switch (received) {
                case Received.Own own -> ReportsResource.answer(own.check());
                case Received.Forwarded forwarded -> PassedOn.answer(forwarded.answer());
            };
        } catch (UpstreamException e) {
            return e.problem().response().build();
        }
    }

    private Response payload(ArtifactKey key, HttpHeaders headers, boolean body, RoutingContext context)
            throws InterruptedException {
        Asker asker = EdgeGate.asker(context);
        DownloadGate.Download download = downloads.download(context, metrics::sent);
        List<String> accepted = headers.getRequestHeader(HttpHeaders.ACCEPT_ENCODING);
        boolean zstd = accepted != null && AcceptEncoding.prefersZstd(accepted);
        Optional<StoredArtifact> artifact = artifacts.find(asker, key);
        EdgePayloads.Found found = artifact.flatMap(known -> payloads.find(asker, key, known, zstd))
                .orElse(null);
        if (found != null) {
            return new Content(
                            found.blob(),
                            found.form().digest(),
                            MediaType.APPLICATION_OCTET_STREAM_TYPE,
                            found.zstd() ? "zstd" : null)
                    .response(headers, body, download);
        }
        // A payload that this edge does not keep, or one of an artifact that was retired a short time ago.
        long expected = artifact.map(known -> known.payload().size()).orElse(0L);
        try {
            return PassedOn.payload(upstream, asker, Paths.artifact(key), headers, expected, body, download);
        } catch (UpstreamException e) {
            return e.problem().response().build();
        }
    }
}
