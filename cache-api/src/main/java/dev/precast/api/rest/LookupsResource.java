package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Lookup;
import dev.precast.api.json.LookupReply;
import dev.precast.cache.Lookups;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lookups: the states of many modules in one answer. */
@Path(Paths.LOOKUPS)
@Tag(name = "Lookups")
@RunOnVirtualThread
public final class LookupsResource {
    private final Lookups lookups;
    private final ApiMetrics metrics;

    LookupsResource(Lookups lookups, ApiMetrics metrics) {
        this.lookups = lookups;
        this.metrics = metrics;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Returns the states of up to 1,000 modules in up to 16 lanes; enqueues nothing")
    @APIResponse(
            responseCode = "200",
            description = "one result per module, in the order of the request: module, lane, state and the members of "
                    + "the state")
    @APIResponse(responseCode = "400", description = "bad-request")
    @APIResponse(responseCode = "503", description = "store-unavailable, no-policy")
    public LookupReply find(@NotNull @Valid Lookup lookup) {
        LookupRequest request = lookup.request();
        List<LookupRequest.Result> results = lookups.find(request);
        results.forEach(result -> metrics.lookedUp(result.state()));
        return LookupReply.of(results, request.lanes());
    }
}
