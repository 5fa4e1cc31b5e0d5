package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.api.json.Problem;
import dev.precast.cache.DeadRequests;
import dev.precast.cache.queue.DeadLetter;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Lists and retries dead letters: compilation requests that workers will not try again. */
@Path(Paths.DEAD_LETTERS)
@Tag(name = "Compilations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class DeadLettersResource {
    private final DeadRequests dead;

    DeadLettersResource(DeadRequests dead) {
        this.dead = dead;
    }

    @GET
    @Requires(Role.ADMIN)
    @Operation(summary = "Lists the dead letters, oldest first, at most 1,000")
    public String list() {
        return JsonObject.EMPTY
                .with(
                        "letters",
                        Json.of(dead.list().stream()
                                .map(DeadLettersResource::json)
                                .toList()))
                .canonical();
    }

    @GET
    @Path("/{key}")
    @Requires(Role.ADMIN)
    @Operation(summary = "Returns a dead letter, by the digest of its key")
    @APIResponse(responseCode = "200", description = "key, reason, attempts, time")
    @APIResponse(responseCode = "404", description = "compilation-unknown")
    public Response get(@PathParam("key") String key) {
        return dead.find(Names.digest(key))
                .map(letter -> Response.ok(json(letter).canonical()).build())
                .orElseGet(() -> unknown(key));
    }

    @POST
    @Path("/{key}/retries")
    @Requires(Role.ADMIN)
    @Operation(summary = "Requests the compilation again; deletes the stored failure and the dead letter of the key")
    @APIResponse(responseCode = "202", description = "the queue holds the request")
    @APIResponse(responseCode = "404", description = "compilation-unknown")
    @APIResponse(responseCode = "503", description = "queue-full")
    public Response retry(@PathParam("key") String key) {
        return switch (dead.retry(Names.digest(key))) {
            case QUEUED -> Response.accepted("{\"state\":\"compiling\"}").build();
            case UNKNOWN -> unknown(key);
            case QUEUE_FULL -> Problem.response(ProblemCode.QUEUE_FULL, "the queue is full; retry later");
        };
    }

    private static Response unknown(String key) {
        return Problem.response(ProblemCode.COMPILATION_UNKNOWN, "no dead letter of key " + key);
    }

    private static JsonObject json(DeadLetter letter) {
        return letter.toJson().with("keyDigest", letter.key().digest().toString());
    }
}
