package dev.precast.api.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.api.auth.Role;
import dev.precast.api.json.Names;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.retirement.Retirement;
import dev.precast.protocol.Paths;
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

/** Retirement: which artifacts would go, and that they go. */
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
     * @param unusedFor such as {@code 30d}
     * @param keepBytes of all payloads
     * @param apply whether to do it
     */
    record Request(
            @Nullable @Size(min = 1, max = 100) List<@NotNull @Size(max = 71) String> lanes,
            @Nullable @Size(max = 16) String unusedFor,
            @Nullable @Min(0) Long keepBytes,
            @Nullable Boolean apply) {}

    /**
     * @param artifacts how many would go, or went
     * @param spared how many would go if nobody had named them in the last hour
     * @param items the first of them, used longest ago first
     * @param lanes that would go themselves, or went: no worker serves them
     * @param served lanes that would go themselves if no worker served them
     * @param deletedPayloads of earlier retirements, if it was applied
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Answer(
            boolean applied,
            long artifacts,
            long bytes,
            long spared,
            long total,
            long totalBytes,
            List<Item> items,
            List<String> lanes,
            List<String> served,
            @Nullable Long deletedPayloads,
            @Nullable Long deletedBytes) {}

    record Item(String module, String engine, String lane, long bytes, String lastUse) {
        static Item of(Retirement.Item item) {
            var attestation = item.entry().attestation();
            return new Item(
                    attestation.module().toString(),
                    attestation.lane().engine().toString(),
                    attestation.lane().id().digest().toString(),
                    item.bytes(),
                    item.lastUse().toString());
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @Requires(Role.ADMIN)
    @Operation(summary = "Which artifacts would go by lane, last use or total bytes; with apply they go")
    @APIResponse(responseCode = "200", description = "what would go, or went")
    @APIResponse(responseCode = "400", description = "bad-request")
    @APIResponse(responseCode = "503", description = "store- or queue-unavailable; asking again goes on with it")
    public Response retire(@NotNull @Valid Request request) throws InterruptedException {
        Retirement.Plan plan = retirement.plan(criteria(request));
        Optional<Retirement.Applied> applied =
                Boolean.TRUE.equals(request.apply()) ? Optional.of(retirement.apply(plan)) : Optional.empty();
        return Response.ok(new Answer(
                        applied.isPresent(),
                        applied.map(Retirement.Applied::artifacts)
                                .orElse((long) plan.items().size()),
                        plan.items().stream().mapToLong(Retirement.Item::bytes).sum(),
                        plan.spared(),
                        plan.total(),
                        plan.totalBytes(),
                        plan.items().stream().limit(MAX_SHOWN).map(Item::of).toList(),
                        plan.lanes().stream().map(RetirementsResource::name).toList(),
                        plan.served().stream().map(RetirementsResource::name).toList(),
                        applied.map(done -> done.swept().payloads()).orElse(null),
                        applied.map(done -> done.swept().bytes()).orElse(null)))
                .build();
    }

    private static String name(LaneId lane) {
        return lane.digest().toString();
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
            throw new ProblemException(Problem.Code.BAD_REQUEST.with(String.valueOf(e.getMessage())));
        }
    }
}
