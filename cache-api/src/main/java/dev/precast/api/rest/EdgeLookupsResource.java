package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.edge.EdgeLookups;
import dev.precast.api.json.Lookup;
import dev.precast.api.json.LookupReply;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** Lookups at an edge. */
@OnEdge
@Path(EdgeGate.PREFIX + Paths.LOOKUPS)
@RunOnVirtualThread
public final class EdgeLookupsResource {
    private final EdgeLookups lookups;

    EdgeLookupsResource(EdgeLookups lookups) {
        this.lookups = lookups;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(hidden = true)
    public LookupReply find(@NotNull @Valid Lookup lookup, @Context RoutingContext context) {
        LookupRequest request = lookup.request();
        return LookupReply.of(lookups.find(EdgeGate.asker(context), request), request.lanes());
    }
}
