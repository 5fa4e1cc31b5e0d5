package dev.precast.api.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.artifact.LaneId;
import dev.precast.cache.KeyState;
import dev.precast.cache.Lookups;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.protocol.Paths;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What is known of modules.
 *
 * @param results in the order of the request
 */
public record LookupReply(List<Result> results) {
    /** One module's answer; which members are there depends on {@code state}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Result(
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

    /** In the words of the protocol. */
    public static LookupReply of(List<Lookups.Found> found, List<LaneId> lanes) {
        return new LookupReply(found.stream().map(each -> result(each, lanes)).toList());
    }

    /** The name of a state. */
    public static String label(KeyState standing) {
        return switch (standing) {
            case KeyState.Present p -> "present";
            case KeyState.Rejected r -> "rejected";
            case KeyState.Failed f -> "failed";
            case KeyState.Compiling c -> "compiling";
            case KeyState.Absent a -> "absent";
        };
    }

    private static Result result(Lookups.Found found, List<LaneId> lanes) {
        String module = found.module().toString();
        String state = label(found.standing());
        int lane = found.lane();
        return switch (found.standing()) {
            case KeyState.Present p ->
                new Result(
                        module,
                        state,
                        lane,
                        Paths.artifact(lanes.get(lane).key(found.module())),
                        new String(p.envelope(), StandardCharsets.UTF_8),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case KeyState.Rejected r -> rejected(module, lane, r.outcome());
            case KeyState.Failed f -> failed(module, lane, f.outcome());
            case KeyState.Compiling c -> bare(module, state, lane, null);
            case KeyState.Absent a -> bare(module, state, lane, found.stored());
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
