package dev.precast.api.message;

import dev.precast.api.json.WarmupReply;
import dev.precast.api.json.WarmupRequest;
import dev.precast.api.json.WarmupRequests;
import dev.precast.cache.message.Endpoint;
import java.util.List;

/** What {@code POST /v1/warmups} is in REST. */
public final class WarmupEndpoint implements Endpoint {
    private final JsonBodies bodies;
    private final WarmupRequests warmups;

    public WarmupEndpoint(JsonBodies bodies, WarmupRequests warmups) {
        this.bodies = bodies;
        this.warmups = warmups;
    }

    @Override
    public Reply answer(byte[] body, List<String> prefer) {
        return bodies.answer(() -> switch (warmups.begin(bodies.read(body, WarmupRequest.class))) {
            case WarmupReply.Running running -> bodies.answer(running.progress());
            case WarmupReply.Refused refused -> bodies.refusal(refused.problem(), refused.retryAfter());
        });
    }
}
