package dev.precast.api.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.precast.cache.Compilations.Answer;
import dev.precast.protocol.Paths;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What is said of a compilation. */
public sealed interface CompilationReply {
    /** @param state {@code present}, with {@code href} and {@code attestation}, or {@code compiling} */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record State(
            String key,
            String state,
            @Nullable String href,

            @Nullable @JsonRawValue @Schema(type = SchemaType.OBJECT)
            String attestation)
            implements CompilationReply {}

    /** @param retryAfter when asking again may help; empty if there is no time for that */
    record Refused(Problem problem, Optional<Duration> retryAfter) implements CompilationReply {
        Refused(Problem problem) {
            this(problem, Optional.empty());
        }
    }

    /** How long a full queue is left alone. */
    Duration QUEUE_FULL = Duration.ofSeconds(10);

    /** In the words of the protocol. */
    static CompilationReply of(Answer answer, InstantSource clock) {
        return switch (answer) {
            case Answer.Present p ->
                new State(
                        p.key().digest().toString(),
                        "present",
                        Paths.artifact(p.key()),
                        new String(p.standing().envelope(), StandardCharsets.UTF_8));
            case Answer.Compiling c -> new State(c.key().digest().toString(), "compiling", null, null);
            case Answer.ModuleUnknown m ->
                new Refused(Problem.Code.MODULE_UNKNOWN.with("module " + m.key().module() + " is not stored"));
            case Answer.EngineNotServed e -> new Refused(Problem.Code.ENGINE_NOT_SERVED.with(e.why()));
            case Answer.Rejected r ->
                new Refused(Problem.Code.MODULE_REJECTED.with(r.message()).rejection(r.code()));
            case Answer.Failed f ->
                new Refused(
                        Problem.Code.COMPILATION_FAILED.with(
                                f.outcome().cause().label() + ": " + f.outcome().message()),
                        Optional.of(
                                Duration.between(clock.instant(), f.outcome().retryAt())));
            case Answer.QueueFull q ->
                new Refused(Problem.Code.QUEUE_FULL.with("the queue takes no more now"), Optional.of(QUEUE_FULL));
            case Answer.Unknown u ->
                new Refused(Problem.Code.COMPILATION_UNKNOWN.with(
                        "key " + u.digest() + " is neither done nor queued; POST asks for it"));
        };
    }
}
