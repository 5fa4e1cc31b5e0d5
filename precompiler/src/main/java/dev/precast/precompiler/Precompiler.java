package dev.precast.precompiler;

import dev.precast.artifact.LaneId;
import dev.precast.attestation.SigningKey;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileRequest;
import dev.precast.cache.queue.DeadLetters;
import dev.precast.cache.queue.InProcessQueue;
import dev.precast.cache.queue.Priority;
import dev.precast.cache.store.Artifacts;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.Lanes;
import dev.precast.cache.store.Outcomes;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.store.ZstdForm;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.cache.worker.Trouble;
import dev.precast.cache.worker.Workers;
import dev.precast.load.PayloadFormat;
import dev.precast.module.EmptyModule;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A worker. Offers the lanes of its engine packs, takes requests from the queue, compiles each in a child process under
 * limits, and signs and publishes the result.
 *
 * <p>This process becomes the parent of its children's orphaned descendants, and the worker kills them. Other code in
 * this process must not start processes, because the worker may take them for orphans. Thread safe.
 */
public final class Precompiler implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Precompiler.class.getName());

    /** Maximum number of lanes whose probe waits or runs; further probes are not compiled. */
    private static final int MOST_PROBES = 1000;

    /** A stamp that no folder of packs has. */
    private static final long UNREAD = -1;

    private static final Duration DELETION_RETRY = Duration.ofHours(1);
    /** Maximum time for returning unfinished requests to the queue. */
    private static final Duration RETURN_WITHIN = Duration.ofSeconds(5);

    private final Lanes registered;
    private final CompileQueue probes;
    private volatile Map<LaneId, ServedLane> lanes = Map.of();
    private volatile long stamp;
    private volatile long retriedDeletion = System.nanoTime();
    private final PrecompilerConfig config;
    private final AotCaches aot;
    private final Troubles troubles;
    private final List<Slot> slots = new ArrayList<>();
    /** End of the drain timeout, a value of {@link System#nanoTime()}; null until the worker stops. */
    private @Nullable Long drained;

    /**
     * The stores of a worker.
     *
     * @param modules the wasm bytes
     * @param payloads compiled payloads
     * @param artifacts attestations
     * @param outcomes rejections and failures
     * @param lanes registered lanes
     * @param rechecks artifacts that hosts could not load
     * @param starts compilations that workers started and did not end
     */
    public record Stores(
            ContentStore modules,
            ContentStore payloads,
            Artifacts artifacts,
            Outcomes outcomes,
            Lanes lanes,
            Rechecks rechecks,
            UnfinishedStarts starts) {}

    /**
     * The connections of a worker to the API and to other workers.
     *
     * @param queue requests
     * @param events events for waiting clients
     * @param deadLetters requests that the worker gives up
     * @param workers what other workers announce
     */
    public record Messages(CompileQueue queue, CompileEvents events, DeadLetters deadLetters, Workers workers) {}

    private Precompiler(
            PrecompilerConfig config, Lanes registered, AotCaches aot, Troubles troubles, InstantSource clock)
            throws IOException {
        this.troubles = troubles;
        this.config = config;
        this.probes = new InProcessQueue(MOST_PROBES, clock);
        this.registered = registered;
        this.aot = aot;
        this.stamp = Packs.stamp(config.packs().folder());
    }

    /**
     * Reads the packs, probes them, registers their lanes, and starts to take requests. Takes as long as the packs'
     * probes; logs packs that fail and does not offer them. Afterwards, idle slots publish the probe artifact of each
     * lane that hosts must try to load.
     *
     * @param signer supplies the signing key, which the trust policy must allow. This method calls it too, so that a
     *     worker without a key fails at its start
     * @param conditions why this process must not take requests now, empty if it may; called before each request, so it
     *     must return quickly and must not throw
     * @throws IOException if the folders of {@code config} cannot be used, or the native code of zstd cannot be loaded
     */
    public static Precompiler start(
            PrecompilerConfig config,
            Supplier<SigningKey> signer,
            Stores stores,
            Messages messages,
            PrecompilerListener listener,
            Supplier<Optional<Trouble>> conditions,
            InstantSource clock)
            throws IOException, InterruptedException {
        LOG.log(Level.DEBUG, "signs with key " + signer.get().verifyingKey().id());
        ZstdForm.requireNative();
        Workbench.prepare(config);
        Confinement confinement = Supervision.ofThisProcess().confinement();
        listener.confinement(confinement);
        boolean mayStartChildren = mayStartChildren(confinement, config.packs().confinement());
        List<EnginePack> packs = mayStartChildren
                ? Packs.read(config.packs().folder(), config.packs().allowed())
                : List.of();
        AotCaches aot = new AotCaches(config.work().resolve("aot"), config.jobs(), packs);
        Troubles troubles =
                new Troubles(conditions, new Trial(config.jobs(), stores.payloads())::run, System::nanoTime);
        Precompiler precompiler = new Precompiler(config, stores.lanes(), aot, troubles, clock);
        if (!precompiler.serve(packs)) {
            precompiler.stamp = UNREAD;
        }
        if (mayStartChildren) {
            Workbench bench = new Workbench(config, signer, stores, messages, clock, aot, new LeftToOthers());
            AtomicInteger busy = new AtomicInteger();
            for (int i = 0; i < config.slots(); i++) {
                precompiler.slots.add(new Slot(
                        bench, precompiler::served, messages.queue(), precompiler.probes, listener, busy, troubles));
            }
            listener.slots(0, config.slots());
            precompiler.slots.forEach(Slot::start);
        }
        return precompiler;
    }

    /** Logs what confines children; returns whether they may be started. */
    private static boolean mayStartChildren(Confinement confinement, Confinement.Mode mode) {
        confinement.parts().forEach(part -> LOG.log(Level.INFO, "confinement: " + part));
        List<Confinement.Part> missing = confinement.missing(mode);
        if (!missing.isEmpty()) {
            LOG.log(
                    Level.ERROR,
                    "children: not confined: " + Confinement.text(missing) + "; no engine is offered (set "
                            + (mode == Confinement.Mode.REQUIRED
                                    ? "precast.confinement=best-effort to compile without namespaces)"
                                    : "precast.allow-unconfined to allow unconfined compilations)"));
            return false;
        }
        List<Confinement.Part> open = confinement.missing(Confinement.Mode.BEST_EFFORT);
        if (open.isEmpty()) {
            Supervision.ofThisProcess().leftOpen().ifPresent(text -> LOG.log(Level.WARNING, text));
        } else {
            LOG.log(
                    Level.WARNING,
                    "children: not confined: " + Confinement.text(open)
                            + "; a module that takes over its compiler gets the rights of this user");
        }
        return true;
    }

    /**
     * Reads the folder of packs again if it has changed, or if a probe could not run: probes new packs and stops
     * offering removed ones. Running compilations continue. Registers again the lanes that were removed from the store.
     * Once an hour, tries again to delete children's files that could not be deleted. Call it from one thread at a
     * time.
     *
     * @return whether the folder had changed, or packs were probed again
     * @throws IOException if the folder cannot be read; nothing changed
     * @throws dev.precast.cache.store.StoreException if the store fails; nothing changed
     */
    public boolean reload() throws IOException, InterruptedException {
        if (System.nanoTime() - retriedDeletion > DELETION_RETRY.toNanos()) {
            retriedDeletion = System.nanoTime();
            LeftOvers.of(config.jobs()).retry();
        }
        long now = Packs.stamp(config.packs().folder());
        if (now == stamp || slots.isEmpty()) {
            registered.registerMissing(offers());
            return false;
        }
        boolean probed =
                serve(Packs.read(config.packs().folder(), config.packs().allowed()));
        stamp = probed ? now : UNREAD;
        return true;
    }

    /**
     * Serves these packs. Probes only packs that have no served lane yet.
     *
     * @return whether this machine could run all probes
     */
    private boolean serve(List<EnginePack> packs) throws InterruptedException {
        Map<LaneId, ServedLane> serving = new LinkedHashMap<>();
        List<EnginePack> fresh = new ArrayList<>(packs);
        for (ServedLane lane : lanes.values()) {
            if (packs.contains(lane.pack())) {
                serving.put(lane.offer().lane().id(), lane);
                fresh.remove(lane.pack());
            }
        }
        PackProbe probe =
                new PackProbe(config.jobs(), config.limits(), config.caps().toJson());
        List<ServedLane> found = probe.lanes(fresh);
        found.forEach(lane -> serving.put(lane.offer().lane().id(), lane));
        if (!serving.isEmpty()) {
            registered.register(serving.values().stream().map(ServedLane::offer).toList());
        }
        lanes = Map.copyOf(serving);
        found.forEach(this::publishProbe);
        return !probe.hadTrouble();
    }

    /**
     * Schedules the probe of a lane: the artifact of the empty module, which hosts load to find out whether the lane
     * loads. Hosts with the role {@code read} cannot request it. Idle slots compile it.
     */
    private void publishProbe(ServedLane lane) {
        if (PayloadFormat.named(lane.offer().format()).isProbed()) {
            probes.enqueue(new CompileRequest(lane.offer().lane().id().key(EmptyModule.DIGEST), Priority.WARM));
        }
    }

    private Map<LaneId, ServedLane> served() {
        return lanes;
    }

    /** Why this worker takes no requests now; empty if it takes requests. */
    public Optional<Trouble> trouble() {
        return troubles.current();
    }

    /** The lanes that this worker serves. */
    public List<LaneOffer> offers() {
        return lanes.values().stream().map(ServedLane::offer).toList();
    }

    /** Stops taking requests. Running compilations continue until {@link #close}, at most for the drain timeout. */
    public synchronized void stopTaking() {
        if (drained == null) {
            drained = System.nanoTime() + config.times().drain().toNanos();
            slots.forEach(Slot::stopTaking);
            aot.stop();
        }
    }

    /**
     * Stops taking requests, lets running compilations finish within the drain timeout, which starts with the first call
     * of {@link #stopTaking}, and returns the rest to the queue. The return takes a few seconds at most.
     */
    @Override
    public void close() throws InterruptedException {
        stopTaking();
        long end = Objects.requireNonNull(drained);
        joinUntil(end);
        slots.forEach(Slot::interrupt);
        joinUntil(System.nanoTime() + RETURN_WITHIN.toNanos());
        aot.close();
    }

    private void joinUntil(long end) throws InterruptedException {
        for (Slot slot : slots) {
            slot.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
    }
}
