package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Problem;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.FreshnessSource;
import dev.precast.cache.PolicySource;
import dev.precast.cache.store.StoreException;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The signed trust policy, and the proof that it is current. Hosts verify both themselves, with the root's key. */
@Path(Paths.TRUST)
@Tag(name = "Trust")
@RunOnVirtualThread
public final class TrustResource {
    /** Media type of a DSSE envelope. */
    static final MediaType ENVELOPE = new MediaType("application", "vnd.dsse.envelope.v1+json");

    private static final System.Logger LOG = System.getLogger("dev.precast.api");

    private final PolicySource policy;
    private final FreshnessSource freshness;

    TrustResource(PolicySource policy, FreshnessSource freshness) {
        this.policy = policy;
        this.freshness = freshness;
    }

    /** @param version version of the new policy */
    record Replaced(long version) {}

    /** @param appointment version of the appointment of the online key */
    record Proven(long appointment) {}

    @GET
    @Requires(Role.READ)
    @Operation(summary = "Returns the signed trust policy, a DSSE envelope")
    @APIResponse(responseCode = "200", description = "application/vnd.dsse.envelope.v1+json")
    @APIResponse(responseCode = "503", description = "no-policy")
    public Response get() {
        return Response.ok(policy.envelope(), ENVELOPE).build();
    }

    @PUT
    @Consumes(MediaType.WILDCARD)
    @Requires(Role.ADMIN)
    @Operation(summary = "Replaces the policy with a higher version that the same root signed")
    @APIResponse(responseCode = "200", description = "the new policy is in force")
    @APIResponse(responseCode = "409", description = "policy-refused")
    public Response put(byte[] envelope) {
        try {
            Replaced replaced = new Replaced(policy.replace(envelope).version());
            prove();
            return Response.ok(replaced, MediaType.APPLICATION_JSON_TYPE).build();
        } catch (RefusedException e) {
            return Problem.response(ProblemCode.POLICY_REFUSED, String.valueOf(e.getMessage()));
        }
    }

    /** The policy is in force even if no statement can be stored now; the node then tries again in seconds. */
    private void prove() {
        try {
            freshness.refresh();
        } catch (StoreException e) {
            LOG.log(System.Logger.Level.WARNING, "proof of the current policy: {0}", e.getMessage());
        }
    }

    @GET
    @Path("/current")
    @Requires(Role.READ)
    @Operation(
            summary = "Returns the proof that the trust policy is current: a signed statement and the appointment of"
                    + " the online key that signed it")
    @APIResponse(responseCode = "200", description = "application/json")
    @APIResponse(responseCode = "404", description = "statement-unknown")
    public Response current() {
        return freshness
                .proof()
                .map(proof -> Response.ok(proof, MediaType.APPLICATION_JSON_TYPE)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .build())
                .orElseGet(() -> Problem.response(
                        ProblemCode.STATEMENT_UNKNOWN,
                        "no online key has signed that the trust policy is current; publish an appointment of the"
                                + " service's online key, or a proof"));
    }

    @PUT
    @Path("/current")
    @Consumes(MediaType.WILDCARD)
    @Requires(Role.ADMIN)
    @Operation(summary = "Publishes an appointment of an online key, or a proof that the trust policy is current")
    @APIResponse(responseCode = "200", description = "the appointment is in force")
    @APIResponse(responseCode = "409", description = "policy-refused")
    public Response replaceCurrent(byte[] appointmentOrProof) {
        try {
            return Response.ok(new Proven(freshness.replace(appointmentOrProof)), MediaType.APPLICATION_JSON_TYPE)
                    .build();
        } catch (RefusedException e) {
            return Problem.response(ProblemCode.POLICY_REFUSED, String.valueOf(e.getMessage()));
        }
    }
}
