package dev.precast.api.message;

import dev.precast.api.json.CompilationReply;
import dev.precast.api.json.CompilationRequest;
import dev.precast.api.json.Preferences;
import dev.precast.cache.Compilations;
import dev.precast.cache.message.Endpoint;
import java.time.InstantSource;
import java.util.List;

/** What {@code POST /v1/compilations} is in REST. */
public final class CompileEndpoint implements Endpoint {
    private final JsonBodies bodies;
    private final Compilations compilations;
    private final InstantSource clock;

    public CompileEndpoint(JsonBodies bodies, Compilations compilations, InstantSource clock) {
        this.bodies = bodies;
        this.compilations = compilations;
        this.clock = clock;
    }

    @Override
    public Reply answer(byte[] body, List<String> prefer) {
        return bodies.answer(() -> {
            CompilationRequest request = bodies.read(body, CompilationRequest.class);
            Compilations.Answer answer =
                    compilations.request(request.key(), request.urgency(), Preferences.wait(prefer));
            return switch (CompilationReply.of(answer, clock)) {
                case CompilationReply.State state -> bodies.answer(state);
                case CompilationReply.Refused refused -> bodies.refusal(refused.problem(), refused.retryAfter());
            };
        });
    }
}
