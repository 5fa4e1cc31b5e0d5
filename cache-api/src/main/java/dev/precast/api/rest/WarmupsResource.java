package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.connection.Drain;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.api.json.Reply;
import dev.precast.api.json.WarmupRequest;
import dev.precast.api.json.WarmupRequests;
import dev.precast.cache.warmup.Warmup;
import dev.precast.cache.warmup.Warmups;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Warm-ups: compilations of many modules in one or more lanes. */
@Path(Paths.WARMUPS)
@Tag(name = "Warm-ups")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class WarmupsResource {
    private static final Duration TICK = Duration.ofSeconds(1);
    /** After this number of ticks an event is sent even without a change, to show that the connection is alive. */
    private static final int QUIET_TICKS = 15;

    private final Warmups warmups;
    private final WarmupRequests requests;
    private final Drain drain;

    WarmupsResource(Warmups warmups, WarmupRequests requests, Drain drain) {
        this.warmups = warmups;
        this.requests = requests;
        this.drain = drain;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(Role.REQUEST)
    @Operation(summary = "Starts a warm-up; requests with the same modules and lanes give the same id")
    @APIResponse(responseCode = "202", description = "the warm-up was started, for the first time or again")
    @APIResponse(responseCode = "200", description = "the warm-up is already running")
    @APIResponse(responseCode = "404", description = "list-unknown")
    @APIResponse(responseCode = "409", description = "engine-not-served")
    @APIResponse(responseCode = "503", description = "too-many-warmups, store-unavailable")
    public Response begin(@NotNull @Valid WarmupRequest request) {
        return requests.begin(request).response();
    }

    @GET
    @Path("/{id}")
    @Requires(Role.READ)
    @Operation(summary = "Returns the progress of a warm-up")
    @APIResponse(responseCode = "200", description = "the progress")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response find(@PathParam("id") String id) {
        return answer(id, warmups.find(checked(id)));
    }

    @DELETE
    @Path("/{id}")
    @Requires(Role.REQUEST)
    @Operation(summary = "Cancels a warm-up; workers still compile the few requests that are queued")
    @APIResponse(responseCode = "200", description = "the cancelled warm-up")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response cancel(@PathParam("id") String id) {
        return answer(id, warmups.cancel(checked(id)));
    }

    @GET
    @Path("/{id}/results")
    @Requires(Role.READ)
    @Operation(summary = "Returns the current states of up to 1,000 artifacts of a warm-up")
    @APIResponse(responseCode = "200", description = "for each module in turn, one result per lane")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response results(@PathParam("id") String id, @QueryParam("from") @DefaultValue("0") @Min(0) long from) {
        Warmup warmup = existing(id);
        List<JsonObject> results = warmups.results(warmup, from, Warmups.MAX_RESULTS).stream()
                .map(result -> json(result, warmup))
                .toList();
        JsonObject page = JsonObject.EMPTY.with("results", Json.of(results));
        long next = from + results.size();
        return Response.ok((next < warmup.total() ? page.with("next", next) : page).canonical())
                .build();
    }

    private static JsonObject json(Warmups.Result result, Warmup warmup) {
        JsonObject json = JsonObject.EMPTY
                .with("module", result.key().module().toString())
                .with("lane", warmup.lanes().indexOf(result.key().lane()))
                .with("state", result.state().label());
        return switch (result.state()) {
            case KeyState.Rejected rejected ->
                json.with("code", rejected.code()).with("message", rejected.message());
            case KeyState.Failed failed -> json.with("code", failed.cause()).with("message", failed.message());
            case KeyState.Absent absent
            when !absent.stored() ->
                json.with("code", ProblemCode.MODULE_UNKNOWN.label()).with("message", "the module is not stored");
            case KeyState.Absent _, KeyState.Present _, KeyState.Compiling _ -> json;
        };
    }

    @GET
    @Path("/{id}/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Requires(Role.READ)
    @Operation(summary = "Sends the progress as server-sent events until the warm-up ends or the replica stops")
    @APIResponse(
            responseCode = "200",
            description = "events \"progress\"; the last has a state other than running, unless the replica stops")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public void events(@PathParam("id") String id, @Context SseEventSink sink, @Context Sse sse)
            throws InterruptedException {
        existing(id); // Checked before the stream starts, when the answer can still be a problem.
        try (sink) {
            JsonObject sent = null;
            for (int quiet = 0; !sink.isClosed(); quiet++) {
                Warmup warmup = existing(id);
                JsonObject now = Reply.progress(warmup);
                if (!now.equals(sent) || quiet >= QUIET_TICKS) {
                    sink.send(sse.newEventBuilder()
                            .name("progress")
                            .mediaType(MediaType.APPLICATION_JSON_TYPE)
                            .data(now.canonical())
                            .build());
                    sent = now;
                    quiet = 0;
                }
                if (warmup.state() != Warmup.State.RUNNING || drain.isRefusing()) {
                    return;
                }
                Thread.sleep(TICK);
            }
        }
    }

    private Warmup existing(String id) {
        return warmups.find(checked(id)).orElseThrow(() -> new ProblemException(unknown(id)));
    }

    private static Response answer(String id, Optional<Warmup> warmup) {
        return warmup.map(w -> Response.ok(Reply.progress(w).canonical()).build())
                .orElseGet(() -> unknown(id).response().build());
    }

    private static String checked(String id) {
        if (!id.matches("[0-9a-f]{32}")) {
            throw new ProblemException(ProblemCode.BAD_REQUEST, "warm-up id: expected 32 lower-case hex digits");
        }
        return id;
    }

    private static Problem unknown(String id) {
        return new Problem(ProblemCode.WARMUP_UNKNOWN, "no warm-up with id " + id);
    }
}
