package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.api.Lookups;
import dev.precast.api.Standing;
import dev.precast.api.auth.Role;
import dev.precast.artifact.LaneId;
import dev.precast.compile.CompileOutcome;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Lookups: what is known of many modules, in one answer. */
@Path("/v1/lookups")
@Tag(name = "Lookups")
@RunOnVirtualThread
public final class LookupsResource {
    private final Lookups lookups;
    private final ApiMetrics metrics;

    LookupsResource(Lookups lookups, ApiMetrics metrics) {
        this.lookups = lookups;
        this.metrics = metrics;
    }

    /**
     * @param modules digests, {@code sha256:…}
     * @param lanes most preferred first
     */
    record Request(
            @NotNull @Size(min = 1, max = 1000) List<@NotNull @Size(max = 71) String> modules,
            @NotNull @Size(min = 1, max = 16) List<@NotNull @Valid LaneName> lanes) {}

    record Results(List<Result> results) {}

    /** One module's answer; which members are there depends on {@code state}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Result(
            String module,
            String state,
            int lane,
            @Nullable String href,

            @Nullable @JsonRawValue @Schema(type = SchemaType.OBJECT)
            String attestation,

            @Nullable String code,
            @Nullable String cause,
            @Nullable String message,
            @Nullable Integer attempts,
            @Nullable String retryAt,
            @Nullable Boolean stored) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.READ)
    @Operation(summary = "What is known of up to 1,000 modules in up to 16 lanes; enqueues nothing")
    @APIResponse(responseCode = "200", description = "one result a module, in the order of the request")
    @APIResponse(responseCode = "400", description = "bad-request")
    public Results find(@NotNull @Valid Request request) {
        List<LaneId> lanes = request.lanes().stream().map(LaneName::id).toList();
        return new Results(
                lookups.find(request.modules().stream().map(Names::module).toList(), lanes).stream()
                        .map(found -> result(found, lanes))
                        .toList());
    }

    private Result result(Lookups.Found found, List<LaneId> lanes) {
        metrics.lookedUp(found.standing());
        String module = found.module().toString();
        String state = ApiMetrics.label(found.standing());
        int lane = found.lane();
        return switch (found.standing()) {
            case Standing.Present p ->
                new Result(
                        module,
                        state,
                        lane,
                        Names.href(lanes.get(lane).key(found.module())),
                        new String(p.envelope(), StandardCharsets.UTF_8),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case Standing.Rejected r -> rejected(module, lane, r.outcome());
            case Standing.Failed f -> failed(module, lane, f.outcome());
            case Standing.Compiling c -> bare(module, state, lane, null);
            case Standing.Absent a -> bare(module, state, lane, found.stored());
        };
    }

    private static Result rejected(String module, int lane, CompileOutcome.Rejected r) {
        return new Result(module, "rejected", lane, null, null, r.code(), null, r.message(), null, null, null);
    }

    private static Result failed(String module, int lane, CompileOutcome.Failed f) {
        String cause = f.cause().label();
        String retryAt = f.retryAt().toString();
        return new Result(module, "failed", lane, null, null, null, cause, f.message(), f.attempts(), retryAt, null);
    }

    private static Result bare(String module, String state, int lane, @Nullable Boolean stored) {
        return new Result(module, state, lane, null, null, null, null, null, null, null, stored);
    }
}
