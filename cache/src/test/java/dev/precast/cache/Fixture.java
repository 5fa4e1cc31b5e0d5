package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.outcome.OutcomeRecord;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmups;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The services over stores in memory, with a clock that only the test moves. */
public final class Fixture {
    public static final byte[] WASM = {0, 'a', 's', 'm', 1, 0, 0, 0};
    public static final Digest PACK = Digest.of(new byte[] {1});

    private static final String BUILDER = "test";

    public final SigningKey key = SigningKey.generate();
    public final Lane lane = new Lane(
            EngineId.parse("copy@1.0.0+1"), new EngineHash(PACK), CompileConfig.parse("{\"level\":1}"), Target.JVM);
    public final ArtifactKey artifact = lane.id().key(ModuleDigest.of(WASM));
    public final Unreliable documents = new Unreliable();
    public final MemoryContentStore moduleStore = new MemoryContentStore();
    public final MemoryContentStore payloads = new MemoryContentStore();
    public final InProcessEvents events = new InProcessEvents();

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private TrustPolicy policy = policy(1, List.of(trusted(key, Instant.parse("2099-01-01T00:00:00Z"))));

    public final InstantSource clock = () -> now;
    public final Ticker ticker = () -> Duration.between(Instant.EPOCH, now).toNanos();
    public final InProcessQueue queue = new InProcessQueue(2, clock);
    /** False simulates unreachable NATS. */
    public boolean queueAnswers = true;

    public final AttestationVerifier verifier = new AttestationVerifier(() -> policy, clock);
    public final Artifacts artifacts = new Artifacts(documents, payloads, verifier);
    public final Outcomes outcomes = new Outcomes(documents, verifier, clock);
    public final Lanes lanes = new Lanes(documents);
    public final InProcessWorkers workers = new InProcessWorkers(clock);
    public final Engines engines = new Engines(lanes, workers, ticker);
    public final Modules modules = new Modules(moduleStore, 1 << 20, ticker);
    public final KeyStates states =
            new KeyStates(artifacts, outcomes, engines, new Silencing(), () -> policy, clock, ticker);
    public final Usages usages = usages();

    public Fixture() {
        offer(PACK, Limits.DEFAULT, JsonObject.EMPTY.with("functions", 10));
    }

    /** The usage of a replica, which writes only when the test says so. */
    public Usages usages() {
        return new Usages(documents, engines, states, modules, clock, Duration.ofDays(1));
    }

    /** The states of keys as another replica sees them: with a cache of its own, and with the queue. */
    KeyStates replica(Artifacts read) {
        return new KeyStates(read, outcomes, engines, queue, () -> policy, clock, ticker);
    }

    /** @param waiting the clock by which requests wait */
    public Compilations compilations(InstantSource waiting) {
        return new Compilations(states, engines, modules, queue, events, new RequestedKeys(documents, ticker), waiting);
    }

    /** Compilations by another queue. */
    public Compilations compilations(CompileQueue other) {
        return new Compilations(states, engines, modules, other, events, new RequestedKeys(documents, ticker), clock);
    }

    /** @param lookedAfter time between two checks for warm-ups without a driver */
    public Warmups warmups(Compilations compilations, ModuleLists lists, Duration lookedAfter) {
        Warmups warmups = new Warmups(
                compilations, new Lookups(states, modules, usages), engines, lists, documents, clock, lookedAfter);
        warmups.start();
        return warmups;
    }

    public void after(Duration time) {
        now = now.plus(time);
    }

    public void trustNobody() {
        policy = policy(policy.version() + 1, List.of());
    }

    /** Lets the policy trust the only key until {@code notAfter}. */
    public void trustUntil(Instant notAfter) {
        policy = policy(policy.version() + 1, List.of(trusted(key, notAfter)));
    }

    /** Lets the policy expire now, with a grace of an hour. */
    public void expirePolicy() {
        policy = new TrustPolicy(
                policy.version() + 1,
                policy.issuedAt(),
                now,
                Duration.ofHours(1),
                policy.keys(),
                List.of(),
                Set.of(),
                Set.of());
    }

    private static TrustPolicy policy(long version, List<TrustedKey> keys) {
        Instant start = Instant.parse("2025-01-01T00:00:00Z");
        return new TrustPolicy(
                version, start, start.plus(Duration.ofDays(1000)), Duration.ZERO, keys, List.of(), Set.of(), Set.of());
    }

    private static TrustedKey trusted(SigningKey key, Instant notAfter) {
        return new TrustedKey(key.verifyingKey(), BUILDER, Set.of(), Set.of(), Instant.EPOCH, notAfter);
    }

    /** Registers the lane; takes effect when the cached lanes are a second old. */
    public void offer(Digest pack, Limits limits, JsonObject caps) {
        lanes.register(List.of(new LaneOffer(lane, "default", "copy/1", pack, limits, caps)));
        after(Duration.ofSeconds(2));
    }

    /** Sends a heartbeat of a worker with these limits, which does not tell its packs. */
    public void alive(String name, Limits limits, JsonObject caps) {
        workers.announce(new WorkerNotice(name, Set.of(lane.id().digest()), 1, limits, caps));
    }

    /** Sends a heartbeat of a worker with a pack. */
    public void alive(String name, Digest pack, Limits limits, JsonObject caps) {
        Digest served = lane.id().digest();
        workers.announce(new WorkerNotice(name, Set.of(served), 1, limits, caps, Map.of(served, pack)));
    }

    /** Sends the last heartbeat of a worker that stops. */
    public void leaves(String name) {
        workers.announce(new WorkerNotice(name, Set.of(), 0, Limits.DEFAULT, JsonObject.EMPTY));
    }

    /** Sends a heartbeat of a worker that takes no requests. */
    public void troubled(String name, Trouble trouble) {
        workers.announce(new WorkerNotice(
                name,
                Set.of(lane.id().digest()),
                0,
                Limits.DEFAULT,
                JsonObject.EMPTY.with("functions", 10),
                Map.of(),
                Optional.of(trouble)));
    }

    public void publish() throws IOException {
        publish(WASM);
    }

    /** Stores a module and publishes its artifact, whose payload is the module itself. */
    public void publish(byte[] wasm) throws IOException {
        moduleStore.put(new ByteArrayInputStream(wasm), null, 100);
        payloads.put(new ByteArrayInputStream(wasm), null, 100);
        Attestation attestation = new Attestation(
                ModuleDigest.of(wasm),
                wasm.length,
                lane,
                "copy/1",
                new SizedDigest(Digest.of(wasm), wasm.length),
                Optional.empty(),
                Optional.empty(),
                PACK,
                "test",
                BUILDER,
                now,
                now);
        artifacts.publish(attestation, attestation.sign(key));
    }

    public RetiredArtifacts retired() {
        return new RetiredArtifacts(documents.inner, documents.inner, payloads, payloads, verifier, clock);
    }

    /** Retires all artifacts without an event, as another replica would. */
    public void retire() {
        RetiredArtifacts retired = retired();
        List<RetiredArtifacts.Entry> entries = new ArrayList<>();
        retired.forEach(entries::add);
        assertThat(entries).isNotEmpty().allMatch(retired::retire);
    }

    public void reject() {
        reject(artifact);
    }

    public void reject(ArtifactKey which) {
        outcomes.put(
                which,
                OutcomeRecord.sign(
                        new CompileOutcome.Rejected(
                                which,
                                PACK,
                                JsonObject.EMPTY.with("functions", 10),
                                new KeyState.Rejected("invalid-module", "it is"),
                                now),
                        key));
    }

    /** Stores a failure that holds for a minute. */
    public void fail() {
        outcomes.put(
                artifact,
                OutcomeRecord.sign(
                        new CompileOutcome.Failed(
                                artifact,
                                PACK,
                                Limits.DEFAULT,
                                new KeyState.Failed("memory", "too much", 1, now.plusSeconds(60)),
                                now),
                        key));
    }

    /** The queue; does not answer while {@link #queueAnswers} is false. */
    private final class Silencing implements CompileQueue {
        @Override
        public Enqueued enqueue(CompileRequest request) {
            return queue.enqueue(request);
        }

        @Override
        public Optional<Delivery> take(Set<LaneId> lanes, Duration wait) throws InterruptedException {
            return queue.take(lanes, wait);
        }

        @Override
        public boolean holds(ArtifactKey key) {
            if (!queueAnswers) {
                throw new QueueUnavailableException("told not to answer", new IOException());
            }
            return queue.holds(key);
        }
    }

    /** Documents in memory that fail when told to. */
    public static final class Unreliable implements DocumentStore {
        public final MemoryDocumentStore inner = new MemoryDocumentStore();
        public volatile boolean failing;
        /** Reads of documents whose names end with this fail, unless it is empty. */
        public volatile String failsOn = "";

        volatile Runnable onFind = () -> {};

        /** Calls {@code task} at each read, before the store is read. */
        public void onFind(Runnable task) {
            onFind = task;
        }

        int finds;

        @Override
        public Optional<Document> find(String name) {
            finds++;
            onFind.run();
            if (failing || (!failsOn.isEmpty() && name.endsWith(failsOn))) {
                throw new StoreException("told to fail", true, null);
            }
            return inner.find(name);
        }

        @Override
        public Optional<String> put(String name, byte[] bytes, String ifVersion) {
            return inner.put(name, bytes, ifVersion);
        }

        @Override
        public boolean delete(String name, String ifVersion) {
            return inner.delete(name, ifVersion);
        }
    }
}
