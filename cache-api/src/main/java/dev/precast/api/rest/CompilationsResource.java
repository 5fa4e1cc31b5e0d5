package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Role;
import dev.precast.api.json.CompilationRequest;
import dev.precast.api.json.Names;
import dev.precast.api.json.Preferences;
import dev.precast.api.json.Reply;
import dev.precast.cache.Compilations;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Compilations: requests and their states. */
@Path(Paths.COMPILATIONS)
@Tag(name = "Compilations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class CompilationsResource {
    private final Compilations compilations;
    private final InstantSource clock;

    CompilationsResource(Compilations compilations, InstantSource clock) {
        this.compilations = compilations;
        this.clock = clock;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(Role.REQUEST)
    @Operation(summary = "Requests a compilation; with Prefer: wait=N waits up to N seconds for its end")
    @APIResponse(responseCode = "200", description = "the artifact exists")
    @APIResponse(responseCode = "202", description = "the compilation is queued or in progress")
    @APIResponse(responseCode = "404", description = "module-unknown")
    @APIResponse(responseCode = "409", description = "engine-not-served")
    @APIResponse(responseCode = "422", description = "module-rejected")
    @APIResponse(
            responseCode = "503",
            description = "compilation-failed, queue-full, queue- or store-unavailable, no-policy")
    public Response request(
            @NotNull @Valid CompilationRequest request, @Context HttpHeaders headers, @Context RoutingContext context)
            throws InterruptedException {
        Caller caller = Objects.requireNonNull(context.get(Access.CALLER));
        return Reply.of(request.send(compilations, caller.name(), wait(headers)), clock)
                .response();
    }

    @GET
    @Path("/{key}")
    @Requires(Role.READ)
    @Operation(summary = "Returns the state of a requested compilation, by the key's digest")
    @APIResponse(responseCode = "200", description = "the artifact exists")
    @APIResponse(responseCode = "202", description = "the compilation is queued or in progress")
    @APIResponse(responseCode = "404", description = "compilation-unknown")
    @APIResponse(responseCode = "422", description = "module-rejected")
    @APIResponse(responseCode = "503", description = "compilation-failed, store-unavailable, no-policy")
    public Response find(@PathParam("key") String key, @Context HttpHeaders headers) throws InterruptedException {
        return Reply.of(compilations.find(Names.digest(key), wait(headers)), clock)
                .response();
    }

    private static Duration wait(HttpHeaders headers) {
        return Preferences.wait(headers.getRequestHeader("Prefer"));
    }
}
