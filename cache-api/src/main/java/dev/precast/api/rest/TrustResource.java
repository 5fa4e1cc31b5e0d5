package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Problem;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.PolicySource;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The signed trust policy. Hosts verify the policy themselves, with the root's key. */
@Path(Paths.TRUST)
@Tag(name = "Trust")
@RunOnVirtualThread
public final class TrustResource {
    /** Media type of a DSSE envelope. */
    static final MediaType ENVELOPE = new MediaType("application", "vnd.dsse.envelope.v1+json");

    private final PolicySource policy;

    TrustResource(PolicySource policy) {
        this.policy = policy;
    }

    /** @param version version of the new policy */
    record Replaced(long version) {}

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
            return Response.ok(new Replaced(policy.replace(envelope).version()), MediaType.APPLICATION_JSON_TYPE)
                    .build();
        } catch (RefusedException e) {
            return Problem.response(ProblemCode.POLICY_REFUSED, String.valueOf(e.getMessage()));
        }
    }
}
