package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.api.Engines;
import dev.precast.api.Modules;
import dev.precast.api.auth.Role;
import dev.precast.compile.LaneOffer;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Engines: the lanes that are registered. */
@Path("/v1/engines")
@Tag(name = "Engines")
@RunOnVirtualThread
public final class EnginesResource {
    private final Engines engines;

    EnginesResource(Engines engines) {
        this.engines = engines;
    }

    record Offers(List<Offer> lanes) {}

    /**
     * @param lane digest of the lane
     * @param probe digest of the empty module
     */
    record Offer(
            String engine,
            String engineHash,
            @JsonRawValue @Schema(type = SchemaType.OBJECT) String config,
            String configHash,
            String target,
            String profile,
            String format,
            String pack,
            String lane,
            String probe) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "The lanes that are registered, in the order of their first registration")
    public Offers list() {
        return new Offers(engines.list().stream().map(EnginesResource::offer).toList());
    }

    private static Offer offer(LaneOffer o) {
        return new Offer(
                o.lane().engine().toString(),
                o.lane().engineHash().toString(),
                o.lane().config().canonical(),
                o.lane().config().hash().toString(),
                o.lane().target().toString(),
                o.profile(),
                o.format(),
                o.pack().toString(),
                o.lane().id().digest().toString(),
                Modules.empty().toString());
    }
}
