package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.artifact.Digest;
import dev.precast.cache.Engines;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.module.EmptyModule;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Engines: the registered lanes. */
@Path(Paths.ENGINES)
@Tag(name = "Engines")
@RunOnVirtualThread
public final class EnginesResource {
    private static final int MOST_TROUBLES = 10;

    private final Engines engines;
    private final Workers workers;

    EnginesResource(Engines engines, Workers workers) {
        this.engines = engines;
        this.workers = workers;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "Lists the registered lanes, in the order of their first registration")
    public Response list() {
        List<WorkerNotice> alive = workers.alive();
        List<JsonObject> lanes =
                engines.list().stream().map(offer -> json(offer, alive)).toList();
        return Response.ok(JsonObject.EMPTY.with("lanes", Json.of(lanes)).canonical())
                .build();
    }

    /**
     * The offer with the digests of its lane and of the probe module, the number of live workers of the lane that take
     * requests, and the troubles of those that do not.
     */
    private static JsonObject json(LaneOffer offer, List<WorkerNotice> alive) {
        Digest lane = offer.lane().id().digest();
        List<WorkerNotice> serving =
                alive.stream().filter(notice -> notice.lanes().contains(lane)).toList();
        List<String> troubles = serving.stream()
                .flatMap(notice -> notice.trouble().stream())
                .map(Trouble::toString)
                .distinct()
                .limit(MOST_TROUBLES)
                .toList();
        return LaneJson.write(new OfferedLane(offer.lane(), offer.profile(), offer.format()))
                .with("configHash", offer.lane().config().hash().toString())
                .with("pack", offer.pack().toString())
                .with("lane", lane.toString())
                .with("probe", EmptyModule.DIGEST.toString())
                .with(
                        "workers",
                        serving.stream()
                                .filter(notice -> notice.trouble().isEmpty())
                                .count())
                .with("troubles", Json.ofStrings(troubles));
    }
}
