package dev.precast.cache;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Target;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.DocumentStore;
import dev.precast.module.WasmKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests for artifacts and tells what became of them. Waiting blocks the calling thread, which had better be a
 * virtual one.
 *
 * <p>Thread safe.
 */
public final class Compilations implements AutoCloseable {
    /** Longest wait. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(300);

    /** Events are hints, so who waits looks again after this. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    /** After an event, until the worker has let go of the key. */
    private static final Duration LOOK_SOON = Duration.ofMillis(10);

    private final KeyStates standings;
    private final Engines engines;
    private final Modules modules;
    private final CompileQueue queue;
    private final KeyDocuments keys;
    private final Waiters waiters;
    private final InstantSource clock;

    public Compilations(
            KeyStates standings,
            Engines engines,
            Modules modules,
            CompileQueue queue,
            CompileEvents events,
            DocumentStore documents,
            InstantSource clock) {
        this.standings = standings;
        this.engines = engines;
        this.modules = modules;
        this.queue = queue;
        this.keys = new KeyDocuments(documents);
        this.waiters = new Waiters(events, standings);
        this.clock = clock;
    }

    /**
     * Asks for an artifact. Enqueues unless it exists, or an answer stands.
     *
     * @param wait how long to wait for it; zero does not wait, more than {@link #MAX_WAIT} is cut
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Answer request(ArtifactKey key, Priority priority, Duration wait) throws InterruptedException {
        Instant end = end(wait);
        // Who waits subscribes before the request is queued, and looks after that: nothing is missed.
        try (Waiters.Ticket ticket = waiters.join(key)) {
            Optional<Answer> answer = answer(key, standings.recent(key)).or(() -> enqueue(key, priority));
            return answer.isPresent() ? answer.get() : await(key, priority, ticket, end);
        }
    }

    /**
     * What became of a request.
     *
     * @param digest of the key
     * @param wait as for {@link #request}
     */
    public Answer find(Digest digest, Duration wait) throws InterruptedException {
        Instant end = end(wait);
        ArtifactKey key = keys.find(digest).orElse(null);
        if (key == null) {
            return new Answer.Unknown(digest);
        }
        try (Waiters.Ticket ticket = waiters.join(key)) {
            return await(key, null, ticket, end);
        }
    }

    private Instant end(Duration wait) {
        return clock.instant().plus(wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait);
    }

    /** @param again with which priority to enqueue it again if the queue lost it; null does not */
    private Answer await(ArtifactKey key, @Nullable Priority again, Waiters.Ticket ticket, Instant end)
            throws InterruptedException {
        Duration pause = LOOK_AGAIN;
        while (true) {
            KeyState standing = look(key);
            Optional<Answer> answer = answer(key, standing);
            if (answer.isEmpty() && standing instanceof KeyState.Absent) {
                answer = again == null ? Optional.of(new Answer.Unknown(key.digest())) : enqueue(key, again);
            }
            if (answer.isPresent()) {
                return answer.get();
            }
            Duration left = Duration.between(clock.instant(), end);
            if (!left.isPositive()) {
                return new Answer.Compiling(key);
            }
            boolean heard = ticket.await(left.compareTo(pause) < 0 ? left : pause);
            pause = heard ? LOOK_SOON : doubled(pause);
        }
    }

    private static Duration doubled(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LOOK_AGAIN) > 0 ? LOOK_AGAIN : twice;
    }

    /** What is kept may be older than the moment at which the queue let go of the key. */
    private KeyState look(ArtifactKey key) {
        KeyState standing = standings.recent(key);
        if (standing instanceof KeyState.Absent) {
            standings.forget(key);
            return standings.recent(key);
        }
        return standing;
    }

    private static Optional<Answer> answer(ArtifactKey key, KeyState standing) {
        return switch (standing) {
            case KeyState.Present p -> Optional.of(new Answer.Present(key, p));
            case KeyState.Rejected r ->
                Optional.of(new Answer.Rejected(r.outcome().code(), r.outcome().message()));
            case KeyState.Failed f -> Optional.of(new Answer.Failed(f.outcome()));
            case KeyState.Compiling c -> Optional.empty();
            case KeyState.Absent a -> Optional.empty();
        };
    }

    /** Empty if the queue holds it now; else why it does not. */
    private Optional<Answer> enqueue(ArtifactKey key, Priority priority) {
        WasmKind kind = modules.kind(key.module()).orElse(null);
        if (kind == null) {
            return Optional.of(new Answer.ModuleUnknown(key));
        }
        if (engines.find(key.lane()).isEmpty()) {
            return Optional.of(new Answer.EngineNotServed(key, "lane " + key.lane() + " is not registered"));
        }
        Optional<String> refusal = standings.refusal(key);
        if (refusal.isPresent()) {
            return Optional.of(new Answer.EngineNotServed(key, refusal.get()));
        }
        if (kind == WasmKind.COMPONENT && key.lane().target().equals(Target.JVM)) {
            return Optional.of(new Answer.Rejected(
                    "component-unsupported",
                    "module " + key.module() + " is a component, engine "
                            + key.lane().engine() + " compiles core modules"));
        }
        keys.remember(key);
        return switch (queue.enqueue(new CompileRequest(key, priority))) {
            case QUEUED, ALREADY_QUEUED -> Optional.empty();
            case FULL -> Optional.of(new Answer.QueueFull(key));
        };
    }

    @Override
    public void close() {
        waiters.close();
    }

    /** What is said to who asks. */
    public sealed interface Answer {
        /** It exists. */
        record Present(ArtifactKey key, KeyState.Present standing) implements Answer {}

        /** It is queued or in work. */
        record Compiling(ArtifactKey key) implements Answer {}

        /** The module is not stored. */
        record ModuleUnknown(ArtifactKey key) implements Answer {}

        /** No such lane is registered, or the policy would refuse what it makes of the module. */
        record EngineNotServed(ArtifactKey key, String why) implements Answer {}

        /** The module's fault. */
        record Rejected(String code, String message) implements Answer {}

        /** Time, memory or a crash. */
        record Failed(CompileOutcome.Failed outcome) implements Answer {}

        /** The queue takes no more now. */
        record QueueFull(ArtifactKey key) implements Answer {}

        /** Nobody asked for that key, or the queue lost it; asking again brings it back. */
        record Unknown(Digest digest) implements Answer {}
    }
}
