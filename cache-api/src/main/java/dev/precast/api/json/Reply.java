package dev.precast.api.json;

import com.fasterxml.jackson.databind.util.RawValue;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.warmup.Warmup;
import dev.precast.cache.warmup.Warmups.Begun;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request that succeeded, over HTTP or as a message. A request that did not succeed ends with a
 * {@link ProblemException}.
 *
 * @param status HTTP status code
 * @param body written as JSON
 * @param location path for the header {@code Location}, if there is one
 */
public record Reply(int status, Object body, @Nullable String location) {
    public Response response() {
        return Response.status(status)
                .header(HttpHeaders.LOCATION, location)
                .entity(body)
                .build();
    }

    /** @throws ProblemException if there is no artifact, and no compilation is queued or in progress */
    public static Reply of(Requested requested, InstantSource clock) {
        return switch (requested) {
            case Requested.State known -> of(known.key(), known.state(), clock);
            case Requested.ModuleUnknown unknown ->
                throw new ProblemException(ProblemCode.MODULE_UNKNOWN, "module " + unknown.module() + " is not stored");
            case Requested.NotServed refused ->
                throw new ProblemException(ProblemCode.ENGINE_NOT_SERVED, refused.why());
            case Requested.NoWorker none -> throw new ProblemException(ProblemCode.NO_WORKER, none.why());
            case Requested.QueueFull full ->
                throw new ProblemException(ProblemCode.QUEUE_FULL, "the queue is full; retry later");
            case Requested.Unknown unknown -> throw unknown(unknown.digest());
        };
    }

    private static Reply of(ArtifactKey key, KeyState state, InstantSource clock) {
        return switch (state) {
            case KeyState.Present present -> new Reply(200, body(key, present), null);
            case KeyState.Compiling compiling -> new Reply(202, body(key, compiling), Paths.compilation(key.digest()));
            case KeyState.Rejected rejected ->
                throw new ProblemException(new Problem(
                        ProblemCode.MODULE_REJECTED,
                        rejected.message(),
                        Map.of("rejection", rejected.code()),
                        Optional.empty()));
            case KeyState.Failed failed ->
                throw new ProblemException(new Problem(
                        ProblemCode.COMPILATION_FAILED,
                        failed.cause() + ": " + failed.message(),
                        Map.of(),
                        Optional.of(Duration.between(clock.instant(), failed.retryAt()))));
            case KeyState.Absent absent -> throw unknown(key.digest());
        };
    }

    private static Map<String, Object> body(ArtifactKey key, KeyState state) {
        Map<String, Object> members = LookupReply.members(key, state);
        members.put("key", key.digest().toString());
        return members;
    }

    private static ProblemException unknown(Digest key) {
        return new ProblemException(
                ProblemCode.COMPILATION_UNKNOWN,
                "key " + key + " is neither compiled nor queued; to compile it, send POST " + Paths.COMPILATIONS);
    }

    /** @throws ProblemException if the warm-up could not be started */
    public static Reply of(Begun begun) {
        return switch (begun) {
            case Begun.Running running ->
                new Reply(
                        running.fresh() ? 202 : 200,
                        new RawValue(progress(running.warmup()).canonical()),
                        Paths.warmup(running.warmup().id()));
            case Begun.ListUnknown unknown ->
                throw new ProblemException(
                        ProblemCode.LIST_UNKNOWN, "module list " + unknown.list() + " is not stored; store it first");
            case Begun.LaneUnknown unknown -> throw new ProblemException(ProblemCode.ENGINE_NOT_SERVED, unknown.why());
            case Begun.TooMany many ->
                throw new ProblemException(
                        ProblemCode.TOO_MANY_WARMUPS, many.most() + " warm-ups are running already; retry later");
        };
    }

    /** The progress of a warm-up. */
    public static JsonObject progress(Warmup warmup) {
        Warmup.Counts counts = warmup.settled();
        JsonObject json = JsonObject.EMPTY
                .with("id", warmup.id())
                .with("state", warmup.state().label())
                .with("modules", warmup.modules())
                .with(
                        "lanes",
                        Json.of(warmup.lanes().stream().map(LaneJson::write).toList()))
                .with("total", warmup.total())
                .with("left", warmup.total() - counts.total())
                .with(
                        "withoutWorkers",
                        Json.of(warmup.setAside().stream().map(Json::of).toList()))
                .with("createdAt", warmup.createdAt().toString());
        for (Warmup.Outcome outcome : Warmup.Outcome.values()) {
            json = json.with(outcome.label(), counts.of(outcome));
        }
        return json;
    }
}
