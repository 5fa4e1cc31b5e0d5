package dev.precast.api.rest;

import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.attestation.Attestation;
import dev.precast.cache.retirement.Retirement;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Retirement of artifacts: a plan, and its execution. */
@Path(Paths.RETIREMENTS)
@Tag(name = "Retirement")
@RunOnVirtualThread
public final class RetirementsResource {
    private static final int MAX_SHOWN = 1000;

    private final Retirement retirement;

    RetirementsResource(Retirement retirement) {
        this.retirement = retirement;
    }

    /**
     * @param lanes digests of lanes
     * @param unusedFor a duration such as {@code 30d}: only artifacts that were not used for this time
     * @param keepBytes maximum total size of all payloads after the retirement
     * @param apply true to retire; otherwise the artifacts are only listed
     */
    record Request(
            @Nullable @Size(min = 1, max = 100) List<@NotNull @Size(max = 71) String> lanes,
            @Nullable @Size(max = 16) String unusedFor,
            @Nullable @Min(0) Long keepBytes,
            @Nullable Boolean apply) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.ADMIN)
    @Operation(summary = "Selects artifacts by lane, last use or total size and lists them; with apply retires them")
    @APIResponse(responseCode = "200", description = "the artifacts that would be retired, or were retired")
    @APIResponse(responseCode = "400", description = "bad-request")
    @APIResponse(responseCode = "503", description = "store- or queue-unavailable; retry to continue")
    public Response retire(@NotNull @Valid Request request) throws InterruptedException {
        Retirement.Plan plan = retirement.plan(criteria(request));
        Optional<Retirement.Applied> applied =
                Boolean.TRUE.equals(request.apply()) ? Optional.of(retirement.apply(plan)) : Optional.empty();
        JsonObject json = JsonObject.EMPTY
                .with("applied", Json.of(applied.isPresent()))
                .with("artifacts", applied.map(Retirement.Applied::artifacts).orElse((long)
                        plan.items().size()))
                .with(
                        "bytes",
                        plan.items().stream().mapToLong(Retirement.Item::bytes).sum())
                .with("spared", plan.spared())
                .with("total", plan.total())
                .with("totalBytes", plan.totalBytes())
                .with(
                        "items",
                        Json.of(plan.items().stream()
                                .limit(MAX_SHOWN)
                                .map(RetirementsResource::json)
                                .toList()))
                .with("lanes", digests(plan.lanes()))
                .with("served", digests(plan.served()));
        return Response.ok(applied.map(Retirement.Applied::swept)
                        .map(swept ->
                                json.with("deletedPayloads", swept.payloads()).with("deletedBytes", swept.bytes()))
                        .orElse(json)
                        .canonical())
                .build();
    }

    private static JsonObject json(Retirement.Item item) {
        Attestation attestation = item.entry().attestation();
        return JsonObject.EMPTY
                .with("module", attestation.module().toString())
                .with("engine", attestation.lane().engine().toString())
                .with("lane", attestation.lane().id().digest().toString())
                .with("bytes", item.bytes())
                .with("lastUse", item.lastUse().toString());
    }

    private static Json digests(List<LaneId> lanes) {
        return Json.ofStrings(
                lanes.stream().map(lane -> lane.digest().toString()).toList());
    }

    private static Retirement.Criteria criteria(Request request) {
        Set<Digest> lanes = new HashSet<>();
        if (request.lanes() != null) {
            request.lanes().forEach(lane -> lanes.add(Names.digest(lane)));
        }
        try {
            return new Retirement.Criteria(
                    lanes,
                    Optional.ofNullable(request.unusedFor()).map(text -> Names.time("unusedFor", text)),
                    request.keepBytes() == null ? OptionalLong.empty() : OptionalLong.of(request.keepBytes()));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(ProblemCode.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }
}
