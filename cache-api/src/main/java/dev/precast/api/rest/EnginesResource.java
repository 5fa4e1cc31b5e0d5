package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.api.auth.Role;
import dev.precast.artifact.Digest;
import dev.precast.cache.Engines;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.module.EmptyModule;
import dev.precast.protocol.Paths;
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
@Path(Paths.ENGINES)
@Tag(name = "Engines")
@RunOnVirtualThread
public final class EnginesResource {
    private final Engines engines;
    private final Workers workers;

    EnginesResource(Engines engines, Workers workers) {
        this.engines = engines;
        this.workers = workers;
    }

    record Offers(List<Offer> lanes) {}

    /**
     * @param lane digest of the lane
     * @param probe digest of the empty module
     * @param workers how many that serve it are known to be alive; requests wait for one if there is none
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
            String probe,
            long workers) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "The lanes that are registered, in the order of their first registration")
    public Offers list() {
        List<WorkerNotice> alive = workers.alive();
        return new Offers(engines.list().stream().map(o -> offer(o, alive)).toList());
    }

    private static Offer offer(LaneOffer o, List<WorkerNotice> alive) {
        Digest lane = o.lane().id().digest();
        return new Offer(
                o.lane().engine().toString(),
                o.lane().engineHash().toString(),
                o.lane().config().canonical(),
                o.lane().config().hash().toString(),
                o.lane().target().toString(),
                o.profile(),
                o.format(),
                o.pack().toString(),
                lane.toString(),
                EmptyModule.DIGEST.toString(),
                alive.stream().filter(notice -> notice.lanes().contains(lane)).count());
    }
}
