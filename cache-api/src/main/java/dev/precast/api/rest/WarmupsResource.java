package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.api.ModuleLists;
import dev.precast.api.Standing;
import dev.precast.api.Usages;
import dev.precast.api.Warmup;
import dev.precast.api.Warmups;
import dev.precast.api.Warmups.Begun;
import dev.precast.api.auth.Role;
import dev.precast.api.json.LaneName;
import dev.precast.api.json.LookupReply;
import dev.precast.api.json.Names;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
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
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Warm-ups: many modules compiled ahead, in one lane or all. */
@Path("/v1/warmups")
@Tag(name = "Warm-ups")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public final class WarmupsResource {
    private static final Duration TOO_MANY = Duration.ofMinutes(1);
    private static final Duration TICK = Duration.ofSeconds(1);
    /** An event is sent after so many ticks also where nothing changed, so that the connection is seen to live. */
    private static final int QUIET_TICKS = 15;

    private final Warmups warmups;
    private final ModuleLists lists;
    private final Usages usages;

    WarmupsResource(Warmups warmups, ModuleLists lists, Usages usages) {
        this.warmups = warmups;
        this.lists = lists;
        this.usages = usages;
    }

    /**
     * @param modules digests
     * @param lists digests of lists that were sent before
     * @param usedWithin those that hosts loaded in that time, such as {@code 7d}
     * @param group of the hosts that are meant; all if it is not there
     * @param lanes for what; all that are registered if it is not there
     */
    record Request(
            @Nullable @Size(max = ModuleLists.MAX_MODULES) List<@NotNull @Size(max = 71) String> modules,
            @Nullable @Size(max = Warmups.MAX_LISTS) List<@NotNull @Size(max = 71) String> lists,
            @Nullable @Size(max = 16) String usedWithin,
            @Nullable @Size(max = 64) String group,
            @Nullable @Size(min = 1, max = 16) List<@NotNull @Valid LaneName> lanes) {}

    /**
     * @param total artifacts, modules times lanes
     * @param left of them not settled yet
     */
    record Progress(
            String id,
            String state,
            long modules,
            List<LaneName> lanes,
            long total,
            long left,
            long present,
            long rejected,
            long failed,
            long unknown,
            long refused,
            String createdAt) {
        static Progress of(Warmup w) {
            Warmup.Counts counts = w.progress();
            return new Progress(
                    w.id(),
                    w.state().label(),
                    w.modules(),
                    w.lanes().stream().map(LaneName::of).toList(),
                    w.total(),
                    w.total() - counts.total(),
                    counts.of(Warmup.Outcome.PRESENT),
                    counts.of(Warmup.Outcome.REJECTED),
                    counts.of(Warmup.Outcome.FAILED),
                    counts.of(Warmup.Outcome.UNKNOWN),
                    counts.of(Warmup.Outcome.REFUSED),
                    w.createdAt().toString());
        }
    }

    /**
     * @param next number of the first result of the next page; none if this was the last
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Results(List<Result> results, @Nullable Long next) {}

    /** @param lane index of the lane */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String module,
            int lane,
            String state,
            @Nullable String code,
            @Nullable String message) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(Role.REQUEST)
    @Operation(summary = "Begins a warm-up; the same modules and lanes have the same id")
    @APIResponse(responseCode = "202", description = "it is new, or begins again")
    @APIResponse(responseCode = "200", description = "it runs already")
    @APIResponse(responseCode = "404", description = "list-unknown")
    @APIResponse(responseCode = "409", description = "engine-not-served")
    @APIResponse(responseCode = "503", description = "too-many-warmups, store-unavailable")
    public Response begin(@NotNull @Valid Request request) {
        List<Digest> named = new ArrayList<>();
        if (request.lists() != null) {
            request.lists().forEach(list -> named.add(Names.digest(list)));
        }
        if (request.modules() != null) {
            named.addAll(
                    lists.putAll(request.modules().stream().map(Names::module).toList()));
        }
        if (request.usedWithin() != null) {
            named.addAll(lists.putAll(used(request.usedWithin(), request.group())));
        } else if (request.lists() == null && request.modules() == null) {
            return Problem.Code.BAD_REQUEST.response("a warm-up wants modules, lists or usedWithin, found none");
        }
        if (named.size() > Warmups.MAX_LISTS) {
            return Problem.Code.BAD_REQUEST.response("a warm-up takes " + Warmups.MAX_LISTS + " lists of "
                    + ModuleLists.MAX_MODULES + " modules, found " + named.size());
        }
        List<LaneId> lanes = request.lanes() == null
                ? List.of()
                : request.lanes().stream().map(LaneName::id).toList();
        return switch (warmups.begin(named, lanes)) {
            case Begun.Running r ->
                Response.status(r.fresh() ? 202 : 200)
                        .header(
                                HttpHeaders.LOCATION,
                                "/v1/warmups/" + r.warmup().id())
                        .entity(Progress.of(r.warmup()))
                        .build();
            case Begun.ListUnknown l ->
                Problem.Code.LIST_UNKNOWN.response("module list " + l.list() + " is not stored; send it first");
            case Begun.LaneUnknown l -> Problem.Code.ENGINE_NOT_SERVED.response(l.why());
            case Begun.TooMany t ->
                Problem.Code.TOO_MANY_WARMUPS
                        .with(t.most() + " warm-ups run already")
                        .retryAfter(TOO_MANY);
        };
    }

    /** In the order of their digests, so that the same modules make the same warm-up. */
    private List<ModuleDigest> used(String within, @Nullable String group) {
        return usages
                .modules(Optional.ofNullable(group).map(UsageResource::group), Names.time("usedWithin", within))
                .stream()
                .sorted(Comparator.comparing(ModuleDigest::digest))
                .toList();
    }

    @GET
    @Path("/{id}")
    @Requires(Role.READ)
    @Operation(summary = "How far a warm-up is")
    @APIResponse(responseCode = "200", description = "its progress")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response find(@PathParam("id") String id) {
        return answer(id, warmups.find(checked(id)));
    }

    @DELETE
    @Path("/{id}")
    @Requires(Role.REQUEST)
    @Operation(summary = "Ends a warm-up; the few requests that it has queued are still compiled")
    @APIResponse(responseCode = "200", description = "it has ended")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response cancel(@PathParam("id") String id) {
        return answer(id, warmups.cancel(checked(id)));
    }

    @GET
    @Path("/{id}/results")
    @Requires(Role.READ)
    @Operation(summary = "What is known now of up to 1,000 of its artifacts")
    @APIResponse(responseCode = "200", description = "the lanes of the first module, then those of the second")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public Response results(@PathParam("id") String id, @QueryParam("from") @DefaultValue("0") @Min(0) long from) {
        Warmup warmup = existing(id);
        List<Result> results = warmups.results(warmup, from, Warmups.MAX_RESULTS).stream()
                .map(result -> result(result, warmup))
                .toList();
        long next = from + results.size();
        return Response.ok(new Results(results, next < warmup.total() ? next : null))
                .build();
    }

    private static Result result(Warmups.Result result, Warmup warmup) {
        String module = result.key().module().toString();
        int lane = warmup.lanes().indexOf(result.key().lane());
        String state = LookupReply.label(result.standing());
        return switch (result.standing()) {
            case Standing.Rejected r ->
                new Result(module, lane, state, r.outcome().code(), r.outcome().message());
            case Standing.Failed f ->
                new Result(
                        module,
                        lane,
                        state,
                        f.outcome().cause().label(),
                        f.outcome().message());
            case Standing.Absent a
            when !result.stored() ->
                new Result(module, lane, state, Problem.Code.MODULE_UNKNOWN.label(), "the module is not stored");
            case Standing.Absent a -> new Result(module, lane, state, null, null);
            case Standing.Present p -> new Result(module, lane, state, null, null);
            case Standing.Compiling c -> new Result(module, lane, state, null, null);
        };
    }

    @GET
    @Path("/{id}/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Requires(Role.READ)
    @Operation(summary = "Progress as server-sent events, until the warm-up ends")
    @APIResponse(responseCode = "200", description = "events \"progress\", the last with another state than running")
    @APIResponse(responseCode = "404", description = "warmup-unknown")
    public void events(@PathParam("id") String id, @Context SseEventSink sink, @Context Sse sse)
            throws InterruptedException {
        existing(id); // While the answer can still be a problem.
        try (sink) {
            Progress sent = null;
            for (int quiet = 0; !sink.isClosed(); quiet++) {
                Warmup warmup = existing(id);
                Progress now = Progress.of(warmup);
                if (!now.equals(sent) || quiet >= QUIET_TICKS) {
                    sink.send(sse.newEventBuilder()
                            .name("progress")
                            .mediaType(MediaType.APPLICATION_JSON_TYPE)
                            .data(Progress.class, now)
                            .build());
                    sent = now;
                    quiet = 0;
                }
                if (warmup.state() != Warmup.State.RUNNING) {
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
        return warmup.map(w -> Response.ok(Progress.of(w)).build())
                .orElseGet(() -> unknown(id).response().build());
    }

    private static String checked(String id) {
        if (!id.matches("[0-9a-f]{32}")) {
            throw new ProblemException(Problem.Code.BAD_REQUEST.with("warm-up: expected 32 hexadecimal digits"));
        }
        return id;
    }

    private static Problem unknown(String id) {
        return Problem.Code.WARMUP_UNKNOWN.with("there is no warm-up " + id);
    }
}
