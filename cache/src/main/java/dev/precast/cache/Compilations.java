package dev.precast.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.worker.Trouble;
import dev.precast.module.WasmKind;
import dev.precast.protocol.KeyState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests for compilations and waits for their end. Waiting blocks the calling thread, which should be a virtual
 * one.
 *
 * <p>Thread safe.
 */
public final class Compilations implements AutoCloseable {
    /** Maximum wait. */
    public static final Duration MAX_WAIT = Duration.ofSeconds(300);

    /** Maximum time between two reads of the state, because events may be lost. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    /** Time between the first two reads after an event, which a worker sends shortly before it acks the request. */
    private static final Duration LOOK_SOON = Duration.ofMillis(10);
    /** Minimum time between two requests of this process for a key whose stored outcome does not count. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);
    /** Maximum number of such keys that are remembered. */
    private static final int MOST_ASKED = 10_000;

    private final KeyStates states;
    private final Engines engines;
    private final Modules modules;
    private final CompileQueue queue;
    private final RequestedKeys keys;
    private final CompileEvents events;
    private final Waiters waiters;
    private final FairShares shares = new FairShares();
    private final CompileEvents.Subscription ends;
    private final InstantSource clock;
    /** Keys with an outcome that did not count when this process enqueued them. */
    private final Cache<ArtifactKey, Boolean> asked;

    public Compilations(
            KeyStates states,
            Engines engines,
            Modules modules,
            CompileQueue queue,
            CompileEvents events,
            RequestedKeys keys,
            InstantSource clock) {
        this.states = states;
        this.engines = engines;
        this.modules = modules;
        this.queue = queue;
        this.keys = keys;
        this.events = events;
        this.waiters = new Waiters(events, states);
        this.ends = events.subscribe(event -> shares.ended(event.key()));
        this.clock = clock;
        this.asked = Caffeine.newBuilder()
                .ticker(() -> Duration.between(Instant.EPOCH, clock.instant()).toNanos())
                .expireAfterWrite(ASK_AGAIN)
                .maximumSize(MOST_ASKED)
                .build();
    }

    /**
     * Requests a hot compilation for a client, with a lower priority the more requests the client has in the queue.
     *
     * @param client name of the client
     * @param wait as for {@link #request(ArtifactKey, Priority, Duration)}
     */
    public Requested request(ArtifactKey key, String client, Duration wait) throws InterruptedException {
        boolean queued = false;
        try {
            Requested requested = request(key, shares.priority(client, key), wait);
            queued = isCompiling(requested) || (requested instanceof Requested.NoWorker none && none.queued());
            return requested;
        } finally {
            if (!queued) {
                shares.ended(key);
            }
        }
    }

    /**
     * Requests a compilation. Enqueues the key if its state is absent or compiling; a key that the queue already
     * holds is not added a second time. A key whose stored outcome does not count is enqueued at most once in five
     * seconds, because a worker of an older version, or one that has not heard of the others yet, may answer it at once
     * with that outcome.
     *
     * @param wait maximum time to wait for the end of the compilation, capped at {@link #MAX_WAIT}; with zero, the
     *     method does not wait
     * @throws dev.precast.cache.queue.QueueUnavailableException if the queue does not answer
     * @throws dev.precast.cache.store.StoreException if the store fails
     */
    public Requested request(ArtifactKey key, Priority priority, Duration wait) throws InterruptedException {
        Instant end = end(wait);
        // Subscribes before it reads the state and enqueues the request, so that it misses no event.
        try (Waiters.Ticket ticket = waiters.join(key)) {
            KeyState state = states.recent(key);
            Requested first = switch (state) {
                case KeyState.Absent _ -> enqueueAbsent(key, priority);
                case KeyState.Compiling _ -> enqueue(key, priority); // A hot request may raise a warm one.
                case KeyState.Present _, KeyState.Rejected _, KeyState.Failed _ -> new Requested.State(key, state);
            };
            return isCompiling(first) ? await(key, priority, ticket, end) : first;
        }
    }

    /**
     * The state of a key that was requested. Enqueues nothing.
     *
     * @param digest the digest of the key
     * @param wait as for {@link #request}
     */
    public Requested find(Digest digest, Duration wait) throws InterruptedException {
        Instant end = end(wait);
        ArtifactKey key = keys.find(digest).orElse(null);
        if (key == null) {
            return new Requested.Unknown(digest);
        }
        try (Waiters.Ticket ticket = waiters.join(key)) {
            return await(key, null, ticket, end);
        }
    }

    /** Calls {@code listener} with the key of each event, as {@link CompileEvents#subscribe} does. */
    public CompileEvents.Subscription subscribe(Consumer<ArtifactKey> listener) {
        return events.subscribe(event -> listener.accept(event.key()));
    }

    /**
     * Ends all waits, because this process stops: they return the current state at once, and so do later ones. Clients
     * can wait for the same key at another replica.
     */
    public void endWaits() {
        waiters.end();
    }

    private Instant end(Duration wait) {
        return clock.instant().plus(wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait);
    }

    /** @param again the priority for enqueuing a request again if the queue lost it; null to not enqueue it again */
    private Requested await(ArtifactKey key, @Nullable Priority again, Waiters.Ticket ticket, Instant end)
            throws InterruptedException {
        Duration pause = LOOK_AGAIN;
        while (true) {
            KeyState state = look(key);
            Requested now = state instanceof KeyState.Absent && again != null
                    ? enqueueAgain(key, again)
                    : new Requested.State(key, state);
            Optional<Trouble> trouble = isCompiling(now) ? engines.trouble(key.lane()) : Optional.empty();
            if (trouble.isPresent()) {
                return new Requested.NoWorker(
                        "lane " + key.lane() + ": no worker takes requests now (" + trouble.get()
                                + "); the request stays in the queue, ask again later",
                        true);
            }
            Duration left = Duration.between(clock.instant(), end);
            if (!isCompiling(now) || !left.isPositive() || waiters.isEnded()) {
                return now;
            }
            boolean heard = ticket.await(left.compareTo(pause) < 0 ? left : pause);
            pause = heard ? LOOK_SOON : doubled(pause);
        }
    }

    private static boolean isCompiling(Requested requested) {
        return requested instanceof Requested.State known && known.state() instanceof KeyState.Compiling;
    }

    private static Duration doubled(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LOOK_AGAIN) > 0 ? LOOK_AGAIN : twice;
    }

    /**
     * Reads the state. If the state is absent, reads it again from the store, because the cached state may be older
     * than the worker's ack.
     */
    private KeyState look(ArtifactKey key) {
        KeyState state = states.recent(key);
        if (state instanceof KeyState.Absent) {
            states.forget(key);
            return states.recent(key);
        }
        return state;
    }

    /** Enqueues a key that is absent, unless it has an outcome and was enqueued a moment ago. */
    private Requested enqueueAbsent(ArtifactKey key, Priority priority) {
        boolean hasOutcome = states.hasOutcome(key);
        if (hasOutcome && asked.getIfPresent(key) != null) {
            return new Requested.State(key, new KeyState.Compiling());
        }
        Requested requested = enqueue(key, priority);
        if (hasOutcome && isCompiling(requested)) {
            asked.put(key, true);
        }
        return requested;
    }

    /**
     * Enqueues a key whose request ended without an outcome. The worker may not have found the module, so what is cached
     * about the module is dropped.
     */
    private Requested enqueueAgain(ArtifactKey key, Priority priority) {
        modules.forget(key.module());
        return enqueueAbsent(key, priority);
    }

    /** Enqueues the key. Returns {@link KeyState.Compiling}, or why the key was not enqueued. */
    private Requested enqueue(ArtifactKey key, Priority priority) {
        WasmKind kind = modules.kind(key.module()).orElse(null);
        if (kind == null) {
            return new Requested.ModuleUnknown(key.module());
        }
        if (engines.find(key.lane()).isEmpty()) {
            return new Requested.NotServed("lane " + key.lane() + " is not registered");
        }
        Optional<String> expired = states.expired();
        if (expired.isPresent()) {
            return new Requested.NoWorker(expired.get() + "; artifacts that exist are still served", false);
        }
        Optional<String> refusal = states.refusal(key);
        if (refusal.isPresent()) {
            return new Requested.NotServed(refusal.get());
        }
        if (kind == WasmKind.COMPONENT && key.lane().target().equals(Target.JVM)) {
            return new Requested.State(
                    key,
                    new KeyState.Rejected(
                            "component-unsupported",
                            "module " + key.module() + ": is a component, but engine "
                                    + key.lane().engine() + " compiles only core modules"));
        }
        keys.add(key);
        return switch (queue.enqueue(new CompileRequest(key, priority))) {
            case QUEUED, ALREADY_QUEUED -> new Requested.State(key, new KeyState.Compiling());
            case FULL -> new Requested.QueueFull();
        };
    }

    @Override
    public void close() {
        ends.close();
        waiters.close();
    }

    /** The result of a request. */
    public sealed interface Requested {
        /**
         * @param state absent only as a result of {@link #find}: the queue lost the request, or the request ended
         *     without an outcome
         */
        record State(ArtifactKey key, KeyState state) implements Requested {}

        /** The module is not stored. */
        record ModuleUnknown(ModuleDigest module) implements Requested {}

        /** The lane is not registered, or the policy would refuse the artifact. */
        record NotServed(String why) implements Requested {}

        /**
         * No worker compiles for the lane now: the workers that serve it are in trouble, or the policy has expired.
         *
         * @param why the reason, for people
         * @param queued whether the request stays in the queue
         */
        record NoWorker(String why, boolean queued) implements Requested {}

        /** The queue is full. */
        record QueueFull() implements Requested {}

        /** No key with this digest was requested. */
        record Unknown(Digest digest) implements Requested {}
    }
}
