package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.cache.damage.Scrub;
import dev.precast.cache.damage.ScrubState;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Scrubs: the service reads everything that is stored, and repairs or deletes what is damaged. */
@Path(Paths.SCRUBS)
@Tag(name = "Scrubs")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class ScrubsResource {
    private final Scrub scrub;

    ScrubsResource(Scrub scrub) {
        this.scrub = scrub;
    }

    @POST
    @Requires(Role.ADMIN)
    @Operation(summary = "Starts a scrub, unless one is running; GET shows its progress")
    @APIResponse(responseCode = "202", description = "a scrub is running")
    @APIResponse(responseCode = "503", description = "store-unavailable")
    public Response start() {
        return Response.accepted(json(scrub.start()).canonical()).build();
    }

    @GET
    @Requires(Role.ADMIN)
    @Operation(summary = "Shows what the last scrub has checked and found; the state is running, ended or none")
    @APIResponse(responseCode = "200", description = "the last scrub")
    @APIResponse(responseCode = "503", description = "store-unavailable")
    public String last() {
        return scrub.last()
                .map(ScrubsResource::json)
                .orElseGet(() -> JsonObject.EMPTY.with("state", "none"))
                .canonical();
    }

    private static JsonObject json(ScrubState scrub) {
        JsonObject json = JsonObject.EMPTY
                .with("state", scrub.isRunning() ? "running" : "ended")
                .with("startedAt", scrub.startedAt().toString());
        if (scrub.wholeAt().isPresent()) {
            json = json.with("wholeAt", scrub.wholeAt().get().toString());
        }
        for (ScrubState.Count count : ScrubState.Count.values()) {
            json = json.with(count.label(), scrub.count(count));
        }
        return json;
    }
}
