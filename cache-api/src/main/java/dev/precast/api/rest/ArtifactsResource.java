package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Problem;
import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Payloads;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.damage.Healed;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Artifacts: the payload of a key, in the stored form that the client prefers, or a redirect to it, and the attestation.
 */
@Path(Paths.ARTIFACT_TEMPLATE)
@Tag(name = "Artifacts")
@RunOnVirtualThread
public final class ArtifactsResource {
    /** How long a request waits until a form is rebuilt. */
    private static final Duration REBUILT_WITHIN = Duration.ofSeconds(5);

    private final KeyStates states;
    private final Payloads payloads;
    private final RetiredArtifacts retired;
    private final Checks checks;
    private final DownloadGate downloads;
    private final Redirects redirects;
    private final ApiMetrics metrics;

    ArtifactsResource(
            KeyStates states,
            Payloads payloads,
            RetiredArtifacts retired,
            Checks checks,
            DownloadGate downloads,
            Redirects redirects,
            ApiMetrics metrics) {
        this.states = states;
        this.retired = retired;
        this.payloads = payloads;
        this.checks = checks;
        this.downloads = downloads;
        this.redirects = redirects;
        this.metrics = metrics;
    }

    @GET
    @Requires(Role.READ)
    @Operation(summary = "Returns the payload, with zstd encoding if the client accepts it and the store has it")
    @APIResponse(responseCode = "200", description = "the whole payload")
    @APIResponse(responseCode = "206", description = "a range of the payload")
    @APIResponse(responseCode = "304", description = "the client has the payload")
    @APIResponse(responseCode = "307", description = "the store has the payload; only with Prefer: redirect")
    @APIResponse(responseCode = "404", description = "artifact-unknown")
    @APIResponse(responseCode = "416", description = "range-not-satisfiable")
    @APIResponse(responseCode = "429", description = "too-many-requests")
    public Response get(@BeanParam ArtifactPath path, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        ArtifactKey key = path.key();
        Optional<StoredArtifact> artifact = states.artifact(key);
        Optional<Response> redirect =
                artifact.flatMap(found -> redirects.of(forms(found, headers).getFirst(), headers));
        if (redirect.isPresent()) {
            metrics.redirected();
            return redirect.get();
        }
        return payload(key, artifact, headers, true, context);
    }

    @HEAD
    @Requires(Role.READ)
    @Operation(summary = "Returns size and ETag of the payload")
    @APIResponse(responseCode = "200", description = "the artifact exists")
    @APIResponse(responseCode = "404", description = "artifact-unknown")
    public Response head(@BeanParam ArtifactPath path, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        return payload(path.key(), states.artifact(path.key()), headers, false, context);
    }

    @GET
    @Path("/attestation")
    @Requires(Role.READ)
    @Operation(summary = "Returns the attestation, a DSSE envelope")
    @APIResponse(responseCode = "200", description = "application/vnd.dsse.envelope.v1+json")
    @APIResponse(responseCode = "404", description = "artifact-unknown")
    public Response attestation(@BeanParam ArtifactPath path) {
        ArtifactKey key = path.key();
        return states.artifact(key)
                .map(artifact -> Response.ok(artifact.state().envelope(), TrustResource.ENVELOPE)
                        .build())
                .orElseGet(() -> unknown(key));
    }

    private Response payload(
            ArtifactKey key,
            Optional<StoredArtifact> artifact,
            HttpHeaders headers,
            boolean body,
            RoutingContext context)
            throws InterruptedException {
        Optional<Content> stored = artifact.flatMap(found -> content(key, found, headers));
        if (artifact.isPresent() && stored.isEmpty()) {
            // Neither form can be sent, but one may be rebuilt from the other.
            boolean rebuilt = checks.doubt(key, REBUILT_WITHIN) instanceof Checks.Submitted.Done done
                    && done.healed() == Healed.REBUILT;
            stored = rebuilt ? content(key, artifact.get(), headers) : stored;
            states.forget(key);
        }
        // A client that looked up the artifact just before its retirement still gets it.
        Content content = stored.or(() -> retired.find(key).flatMap(found -> content(key, found, headers)))
                .orElse(null);
        return content == null
                ? unknown(key)
                : content.response(headers, body, downloads.download(context, bytes -> metrics.sent("payload", bytes)));
    }

    private Optional<Content> content(ArtifactKey key, StoredArtifact artifact, HttpHeaders headers) {
        return forms(artifact, headers).stream()
                .flatMap(form -> payloads.find(key, form.content()).stream()
                        .map(blob -> new Content(
                                blob,
                                form.content().digest(),
                                MediaType.APPLICATION_OCTET_STREAM_TYPE,
                                form.encoding())))
                .findFirst();
    }

    /**
     * A stored form of a payload.
     *
     * @param encoding content encoding; null for the uncompressed form
     */
    record Form(SizedDigest content, @Nullable String encoding) {}

    /** The forms that the client accepts, the preferred one first; at least one. */
    private static List<Form> forms(StoredArtifact artifact, HttpHeaders headers) {
        List<String> accepted = headers.getRequestHeader(HttpHeaders.ACCEPT_ENCODING);
        SizedDigest compressed = artifact.compressed().orElse(null);
        Form plain = new Form(artifact.payload(), null);
        return compressed != null && accepted != null && AcceptEncoding.prefersZstd(accepted)
                ? List.of(new Form(compressed, "zstd"), plain)
                : List.of(plain);
    }

    private static Response unknown(ArtifactKey key) {
        return Problem.response(ProblemCode.ARTIFACT_UNKNOWN, "no artifact of " + key);
    }
}
