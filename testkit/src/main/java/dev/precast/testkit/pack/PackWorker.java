package dev.precast.testkit.pack;

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
import dev.precast.cache.damage.Recheck;
import dev.precast.cache.damage.RecheckRequests;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.event.InProcessEvents;
import dev.precast.cache.outcome.CompileOutcome;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.InProcessDeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.MemoryDocumentStore;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.json.JsonObject;
import dev.precast.module.StaticCaps;
import dev.precast.precompiler.Confinement;
import dev.precast.precompiler.Precompiler;
import dev.precast.precompiler.PrecompilerConfig;
import dev.precast.precompiler.PrecompilerListener;
import dev.precast.protocol.KeyState;
import dev.precast.testkit.fleet.Fleet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A worker like that of the service, but with stores in memory. */
final class PackWorker implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final InProcessQueue queue = new InProcessQueue(100, InstantSource.system());
    private final Precompiler.Stores stores;
    private final Precompiler precompiler;

    /** @param work a folder that only this worker uses */
    PackWorker(Path packs, Path work, Limits limits) throws IOException, InterruptedException {
        SigningKey key = SigningKey.generate();
        TrustPolicy policy = Fleet.policy(key);
        AttestationVerifier verifier = new AttestationVerifier(() -> policy, InstantSource.system());
        MemoryDocumentStore documents = new MemoryDocumentStore();
        MemoryContentStore payloads = new MemoryContentStore();
        stores = new Precompiler.Stores(
                new MemoryContentStore(),
                payloads,
                new Artifacts(documents, payloads, verifier),
                new Outcomes(documents, verifier, InstantSource.system()),
                new Lanes(documents),
                new Rechecks(documents, InstantSource.system()),
                new UnfinishedStarts(documents, InstantSource.system()));
        PrecompilerConfig config = new PrecompilerConfig(
                new PrecompilerConfig.Packs(packs, Set.of(PrecompilerConfig.BUNDLED), Confinement.Mode.BEST_EFFORT),
                work,
                Fleet.BUILDER,
                1,
                limits,
                StaticCaps.DEFAULT,
                new PrecompilerConfig.Times(Duration.ofMinutes(1), Duration.ofSeconds(30)));
        precompiler = Precompiler.start(
                config,
                () -> key,
                stores,
                new Precompiler.Messages(
                        queue,
                        new InProcessEvents(),
                        new InProcessDeadLetters(),
                        new InProcessWorkers(InstantSource.system())),
                new Unheard(),
                Optional::empty,
                InstantSource.system());
    }

    /** The lanes that the packs serve. */
    List<LaneOffer> offers() {
        return precompiler.offers();
    }

    /** Compiles a module and returns the state of its key: present, rejected or failed. */
    KeyState compile(LaneId lane, byte[] wasm) throws IOException, InterruptedException {
        stores.modules().put(new ByteArrayInputStream(wasm), null, Integer.MAX_VALUE);
        ArtifactKey key = lane.key(ModuleDigest.of(wasm));
        queue.enqueue(new CompileRequest(key, Priority.HOT));
        await(key);
        return stores.artifacts()
                .find(key)
                .<KeyState>map(artifact -> artifact.state())
                .or(() -> stores.outcomes().find(key).map(CompileOutcome::state))
                .orElseThrow(() -> new AssertionError(key + ": expected an artifact or an outcome, found neither"));
    }

    private void await(ArtifactKey key) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (queue.holds(key)) {
            if (System.nanoTime() > end) {
                throw new AssertionError(key + ": expected an outcome within " + LONGEST + ", found none");
            }
            Thread.sleep(10);
        }
    }

    /** Reports that a compiled module does not load, and returns the verdict of the worker. */
    Recheck.Verdict recheck(LaneId lane, byte[] wasm) throws InterruptedException {
        ArtifactKey key = lane.key(ModuleDigest.of(wasm));
        InProcessWorkers workers = new InProcessWorkers(InstantSource.system());
        workers.announce(new WorkerNotice("this", Set.of(lane.digest()), 1, Limits.DEFAULT, JsonObject.EMPTY));
        Digest payload = stores.artifacts().find(key).orElseThrow().payload().digest();
        new RecheckRequests(stores.rechecks(), workers, queue, 1).request(key, payload, "test");
        await(key);
        return stores.rechecks().last(key).flatMap(Recheck::verdict).orElseThrow();
    }

    /** The digest of an artifact's payload. */
    static Digest payload(KeyState.Present present) {
        try {
            return Attestation.unverified(present.envelope()).payload().digest();
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        precompiler.close();
    }

    private static final class Unheard implements PrecompilerListener {
        @Override
        public void confinement(Confinement confinement) {}

        @Override
        public void started(EngineId engine) {}

        @Override
        public void finished(EngineId engine, String outcome, Duration took, long bytes) {}

        @Override
        public void slots(int busy, int total) {}

        @Override
        public void error(Trouble.Kind kind) {}
    }
}
