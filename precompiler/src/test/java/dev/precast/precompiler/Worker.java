package dev.precast.precompiler;

import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.FileContentStore;
import dev.precast.cache.store.FileDocumentStore;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.module.StaticCaps;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A worker with real stores in a folder, a policy that trusts it, and a clock that a test can move. */
final class Worker implements AutoCloseable {
    static final String BUILDER = "test-builder";
    static final Limits LIMITS = new Limits(64, 256, 20, 120, 4);

    final List<String> heard = new CopyOnWriteArrayList<>();
    final List<CompileEvent> events = new CopyOnWriteArrayList<>();
    /** The delays of requests that this worker returned to the queue. */
    final List<Duration> naks = new CopyOnWriteArrayList<>();

    final InProcessQueue queue;
    final InProcessDeadLetters deadLetters;
    private final InProcessWorkers workers;
    final Precompiler.Stores stores;
    final Precompiler precompiler;
    final PrecompilerConfig config;
    private final Path store;
    volatile Duration ahead = Duration.ZERO;
    private volatile int busySlots;
    /** Why the worker must not take requests. */
    volatile @Nullable Trouble condition;
    /** What confines children, as reported to the listener. */
    volatile @Nullable Confinement reported;
    /** Whether other workers of a fleet usually get a request first: the queue serves waiting threads in no order. */
    volatile boolean asksSeldom;
    /** How often a running request was extended. */
    final AtomicInteger kept = new AtomicInteger();
    /** If not null, puts of payloads throw it. */
    volatile @Nullable Throwable fault;
    /** If not null, reads of modules throw it. */
    volatile @Nullable Throwable moduleFault;

    /** A worker with the packs in {@code folder/packs}. */
    static Worker over(Path folder, Limits limits) {
        return new Worker(
                config(folder, 2, limits, StaticCaps.DEFAULT, Duration.ofSeconds(5)),
                folder.resolve("store"),
                SigningKey.generate());
    }

    static PrecompilerConfig config(Path folder, int slots, Limits limits, StaticCaps caps, Duration grace) {
        return new PrecompilerConfig(
                new PrecompilerConfig.Packs(
                        folder.resolve("packs"), Set.of(PrecompilerConfig.BUNDLED), Confinement.Mode.BEST_EFFORT),
                folder.resolve("work"),
                BUILDER,
                slots,
                limits,
                caps,
                new PrecompilerConfig.Times(Duration.ofMinutes(1), grace));
    }

    static TrustPolicy policy(SigningKey key) {
        return new TrustPolicy(
                1,
                Instant.now().minusSeconds(3600),
                Instant.now().plus(Duration.ofDays(100)),
                Duration.ZERO,
                List.of(new TrustedKey(
                        key.verifyingKey(),
                        BUILDER,
                        Set.of(),
                        Set.of(),
                        Instant.now().minusSeconds(3600),
                        Instant.now().plus(Duration.ofDays(100)))),
                List.of(),
                Set.of(),
                Set.of());
    }

    Worker(PrecompilerConfig config, Path store, SigningKey key) {
        this(config, store, key, null);
    }

    /** @param shared null for a worker of its own */
    Worker(PrecompilerConfig config, Path store, SigningKey key, @Nullable Fleet shared) {
        this.store = store;
        this.config = config;
        InstantSource clock = () -> Instant.now().plus(ahead);
        Fleet fleet = shared == null ? Fleet.of(clock) : shared;
        TrustPolicy policy = policy(key);
        AttestationVerifier verifier = new AttestationVerifier(() -> policy, clock);
        FileDocumentStore documents = new FileDocumentStore(store.resolve("documents"));
        ContentStore payloads =
                new FaultyStore(new FileContentStore(store.resolve("payloads")), () -> fault, () -> null);
        this.queue = fleet.queue();
        this.deadLetters = fleet.deadLetters();
        this.workers = fleet.workers();
        this.stores = new Precompiler.Stores(
                new FaultyStore(new FileContentStore(store.resolve("modules")), () -> null, () -> moduleFault),
                payloads,
                new Artifacts(documents, payloads, verifier),
                new Outcomes(documents, verifier, clock),
                new Lanes(documents),
                new Rechecks(documents, clock),
                new UnfinishedStarts(documents, clock));
        fleet.events().subscribe(events::add);
        try {
            this.precompiler = Precompiler.start(
                    config,
                    () -> key,
                    stores,
                    new Precompiler.Messages(new Impatient(), fleet.events(), deadLetters, workers),
                    new Heard(),
                    () -> Optional.ofNullable(condition),
                    clock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends a heartbeat. */
    void beat(String name) {
        beat(name, config.caps());
    }

    /** Sends a heartbeat, as if a worker with the same packs and other caps were there. */
    void beat(String name, StaticCaps caps) {
        Map<Digest, Digest> packs = precompiler.offers().stream()
                .collect(Collectors.toMap(offer -> offer.lane().id().digest(), LaneOffer::pack));
        workers.announce(new WorkerNotice(name, packs.keySet(), config.slots(), config.limits(), caps.toJson(), packs));
    }

    /** Sends the last heartbeat, and stops. */
    void leave(String name) throws InterruptedException {
        lastBeat(name);
        close();
    }

    /** Sends the last heartbeat of a worker. */
    void lastBeat(String name) {
        workers.announce(new WorkerNotice(
                name, Set.of(), 0, config.limits(), config.caps().toJson()));
    }

    /** The outcome of a compilation that made no artifact. */
    CompileOutcome outcome(ArtifactKey key) {
        return stores.outcomes().find(key).orElseThrow();
    }

    /** A core module that holds {@code text} in a custom section. */
    static byte[] module(String text) {
        byte[] name = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ByteArrayOutputStream wasm = new ByteArrayOutputStream();
        wasm.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0, 0, (byte) (name.length + 1), (byte) name.length});
        wasm.writeBytes(name);
        return wasm.toByteArray();
    }

    /** Stores a module and returns the key of its artifact in the lane of {@code engine}. */
    ArtifactKey upload(String engine, byte[] module) {
        try {
            stores.modules().put(new ByteArrayInputStream(module), null, 1 << 26);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stores.lanes().list().stream()
                .filter(offer -> offer.lane().engine().name().equals(engine))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no lane of " + engine))
                .lane()
                .id()
                .key(ModuleDigest.of(module));
    }

    /** Flips a bit of a stored module. */
    void damage(ModuleDigest module) {
        String hex = module.digest().hex();
        Path file = store.resolve("modules").resolve(hex.substring(0, 2)).resolve(hex);
        try {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void ask(ArtifactKey key) {
        queue.enqueue(new CompileRequest(key, Priority.HOT));
    }

    /** Requests the artifact and waits for the answer. */
    void compile(ArtifactKey key) {
        ask(key);
        await().pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(30))
                .until(() -> isAnswered(key));
    }

    /** Whether the key has left the queue and no slot is busy. */
    boolean isAnswered(ArtifactKey key) {
        return !queue.holds(key) && busySlots == 0;
    }

    /** The attestation of an artifact that exists. */
    Attestation attestation(ArtifactKey key) {
        try {
            return Attestation.unverified(
                    stores.artifacts().find(key).orElseThrow().state().envelope());
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    /** How many starts of the key are unfinished. */
    int starts(ArtifactKey key) {
        return stores.starts().find(key).map(UnfinishedStarts.Starts::count).orElse(0);
    }

    CompileOutcome.Failed failure(ArtifactKey key) {
        return (CompileOutcome.Failed) outcome(key);
    }

    CompileOutcome.Rejected rejection(ArtifactKey key) {
        return (CompileOutcome.Rejected) outcome(key);
    }

    @Override
    public void close() throws InterruptedException {
        precompiler.close();
    }

    /** The queue, with a short interval for extending running requests. */
    private final class Impatient implements CompileQueue {
        @Override
        public Enqueued enqueue(CompileRequest request) {
            return queue.enqueue(request);
        }

        @Override
        public Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
            if (asksSeldom) {
                Thread.sleep(150 + ThreadLocalRandom.current().nextInt(100));
                return queue.take(lanes, Duration.ZERO).map(Watched::new);
            }
            return queue.take(lanes, wait).map(Watched::new);
        }

        @Override
        public boolean holds(ArtifactKey key) {
            return queue.holds(key);
        }
    }

    private final class Watched implements CompileQueue.Delivery {
        private final CompileQueue.Delivery inner;

        Watched(CompileQueue.Delivery inner) {
            this.inner = inner;
        }

        @Override
        public CompileRequest request() {
            return inner.request();
        }

        @Override
        public void ack() {
            inner.ack();
        }

        @Override
        public void nak(Duration delay) {
            naks.add(delay);
            inner.nak(delay);
        }

        @Override
        public void inProgress() {
            kept.incrementAndGet();
        }

        @Override
        public Duration inProgressInterval() {
            return Duration.ofMillis(200);
        }
    }

    private final class Heard implements PrecompilerListener {
        @Override
        public void confinement(Confinement confinement) {
            reported = confinement;
        }

        @Override
        public void started(EngineId engine) {
            heard.add("started " + engine);
        }

        @Override
        public void finished(EngineId engine, String outcome, Duration took, long bytes) {
            heard.add(outcome);
        }

        @Override
        public void slots(int busy, int total) {
            if (busy < 0 || busy > total) {
                heard.add("busy " + busy + " of " + total);
            }
            busySlots = busy;
        }

        @Override
        public void error(Trouble.Kind kind) {
            heard.add("error " + kind.label());
        }
    }
}
