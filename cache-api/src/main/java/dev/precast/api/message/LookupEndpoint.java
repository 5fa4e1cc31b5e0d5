package dev.precast.api.message;

import dev.precast.api.json.LookupReply;
import dev.precast.api.json.LookupRequest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.Lookups;
import dev.precast.cache.message.Endpoint;
import java.util.List;

/** What {@code POST /v1/lookups} is in REST. */
public final class LookupEndpoint implements Endpoint {
    private final JsonBodies bodies;
    private final Lookups lookups;

    public LookupEndpoint(JsonBodies bodies, Lookups lookups) {
        this.bodies = bodies;
        this.lookups = lookups;
    }

    @Override
    public Reply answer(byte[] body, List<String> prefer) {
        return bodies.answer(() -> {
            LookupRequest request = bodies.read(body, LookupRequest.class);
            List<LaneId> lanes = request.laneIds();
            return bodies.answer(LookupReply.of(lookups.find(request.moduleDigests(), lanes), lanes));
        });
    }
}
