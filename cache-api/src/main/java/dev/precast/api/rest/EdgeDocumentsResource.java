package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.edge.EdgeDocuments;
import dev.precast.api.edge.EdgeDocuments.Name;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The trust policy, the proof that it is current, and the engines, at an edge. */
@OnEdge
@Path(EdgeGate.PREFIX)
@RunOnVirtualThread
public final class EdgeDocumentsResource {
    private final EdgeDocuments documents;

    EdgeDocumentsResource(EdgeDocuments documents) {
        this.documents = documents;
    }

    @GET
    @Path(Paths.TRUST)
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response trust(@Context RoutingContext context) {
        return answer(context, Name.TRUST);
    }

    @GET
    @Path(Paths.TRUST_CURRENT)
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response current(@Context RoutingContext context) {
        return answer(context, Name.TRUST_CURRENT);
    }

    @GET
    @Path(Paths.ENGINES)
    @Requires(Role.READ)
    @Operation(hidden = true)
    public Response engines(@Context RoutingContext context) {
        return answer(context, Name.ENGINES);
    }

    private Response answer(RoutingContext context, Name name) {
        return Response.ok(documents.get(EdgeGate.asker(context), name), name.type())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }
}
