package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.host.background.Background;
import dev.precast.host.load.ArtifactFinder;
import dev.precast.host.load.Artifacts;
import dev.precast.host.load.LaneProbes;
import dev.precast.host.load.Loaded;
import dev.precast.host.load.LoadedModules;
import dev.precast.host.load.ModuleBytes;
import dev.precast.host.prefetch.Prefetch;
import dev.precast.load.EngineLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Loads modules from memory, from disk, from the sources or, after a miss, by the miss policy. A failure of the cache
 * is a miss, not an exception. Thread safe; concurrent calls for the same module share one load.
 *
 * @param <M> the engine's own type of a loaded module
 */
public final class Precast<M> implements AutoCloseable {
    private static final Duration ASK_AGAIN_AFTER = Duration.ofSeconds(30);
    private static final Duration SWAP_WAIT = Duration.ofMinutes(10);

    private final Artifacts<M> artifacts;
    private final LaneProbes<M> probes;
    private final LoadedModules<M> loaded;
    private final MissPolicy<M> onMiss;
    private final Prefetch.Setting prefetching;
    private final PrecastListener listener;
    private final InstantSource clock;
    private final ConcurrentHashMap<ModuleDigest, CompletableFuture<Loaded<M>>> flights = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<ModuleDigest, Boolean> swaps = new ConcurrentHashMap<>();
    private final Background swapping = new Background(16);

    Precast(
            Artifacts<M> artifacts,
            LaneProbes<M> probes,
            LoadedModules<M> loaded,
            MissPolicy<M> onMiss,
            Prefetch.Setting prefetching,
            PrecastListener listener,
            InstantSource clock) {
        this.artifacts = artifacts;
        this.probes = probes;
        this.loaded = loaded;
        this.onMiss = onMiss;
        this.prefetching = prefetching;
        this.listener = listener;
        this.clock = clock;
    }

    /** Starts a builder with the engine's load side. Set at least a trust root and a source. */
    public static <M> PrecastBuilder<M> builder(EngineLoader<M> loader) {
        return new PrecastBuilder<>(loader);
    }

    /**
     * Loads a module.
     *
     * @param wasm supplies the module's bytes; called only after a miss
     * @throws ArtifactMissingException on a miss, if the miss policy is {@link MissPolicy#fail}
     * @throws java.io.UncheckedIOException if the bytes are needed and cannot be read
     * @throws IllegalArgumentException if the bytes are needed and belong to another module, or the engine refuses them
     */
    public M load(ModuleDigest module, WasmBytes wasm) {
        Loaded<M> known = loaded.find(module);
        if (known != null && stillGood(module, known, wasm)) {
            artifacts.usedAgain(module);
            return known.module();
        }
        CompletableFuture<Loaded<M>> mine = new CompletableFuture<>();
        CompletableFuture<Loaded<M>> other = flights.putIfAbsent(module, mine);
        if (other != null) {
            return join(other).module();
        }
        try {
            Loaded<M> fresh = loadNow(module, wasm);
            loaded.put(module, fresh);
            mine.complete(fresh);
            return fresh.module();
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(module, mine);
        }
    }

    /** Loads a module whose bytes are in memory. */
    public M load(byte[] wasm) {
        return load(ModuleDigest.of(wasm), () -> wasm);
    }

    private static <T> T join(CompletableFuture<T> flight) {
        try {
            return flight.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    /**
     * Whether a load may return a module in memory. A module from an artifact must still pass verification. For a
     * module that this host made, this method looks for an artifact in the background from time to time.
     */
    private boolean stillGood(ModuleDigest module, Loaded<M> known, WasmBytes wasm) {
        if (known instanceof Loaded.Local<M> local) {
            Instant now = clock.instant();
            if (!now.isBefore(local.askAgainAt())) {
                loaded.put(module, new Loaded.Local<>(local.module(), now.plus(ASK_AGAIN_AFTER)));
                swapLater(module, wasm);
            }
            return true;
        }
        Loaded.Artifact<M> checked = artifacts.checkedAgain((Loaded.Artifact<M>) known);
        if (checked == null) {
            loaded.remove(module);
        } else if (!checked.equals(known)) {
            loaded.put(module, checked);
        }
        return checked != null;
    }

    private Artifacts.Found<M> find(ModuleDigest module, List<LaneId> lanes) {
        return lanes.isEmpty()
                ? new Artifacts.Found.Nothing<>(new MissReason.NoLaneLoads(probes.lastRefusal()))
                : artifacts.find(module, lanes);
    }

    private Loaded<M> loadNow(ModuleDigest module, WasmBytes wasm) {
        Artifacts.Found<M> found = find(module, probes.lanes());
        if (found instanceof Artifacts.Found.Module<M> artifact) {
            return artifact.loaded();
        }
        if (probes.foundMore()) {
            return loadNow(module, wasm);
        }
        MissReason reason = ((Artifacts.Found.Nothing<M>) found).reason();
        listener.on(new PrecastEvent.Miss(module, reason));
        return afterMiss(module, new ModuleBytes(module, wasm), wasm, onMiss, reason);
    }

    private Loaded<M> afterMiss(
            ModuleDigest module, ModuleBytes bytes, WasmBytes wasm, MissPolicy<M> policy, MissReason reason) {
        if (policy instanceof MissPolicy.WaitFor<M> waiting) {
            Artifacts.@Nullable Found<M> made = artifacts.compile(
                    module, probes.lanes(), bytes, clock.instant().plus(waiting.time()));
            if (made instanceof Artifacts.Found.Module<M> artifact) {
                return artifact.loaded();
            }
            MissReason last = made instanceof Artifacts.Found.Nothing<M> nothing ? nothing.reason() : reason;
            return afterMiss(module, bytes, wasm, waiting.then(), last);
        } else if (policy instanceof MissPolicy.InterpretAndSwap<M>) {
            M interpreted = artifacts.interpret(bytes.required());
            listener.on(new PrecastEvent.FellBack(module, PrecastEvent.Fallback.INTERPRETED));
            swapLater(module, wasm);
            return new Loaded.Local<>(interpreted, clock.instant().plus(ASK_AGAIN_AFTER));
        } else if (policy instanceof MissPolicy.CompileLocally<M> local) {
            M compiled = local.compiler().compile(bytes.required());
            listener.on(new PrecastEvent.FellBack(module, PrecastEvent.Fallback.COMPILED_LOCALLY));
            return new Loaded.Local<>(compiled, Instant.MAX);
        }
        listener.on(new PrecastEvent.FellBack(module, PrecastEvent.Fallback.FAILED));
        throw new ArtifactMissingException(module, reason);
    }

    private void swapLater(ModuleDigest module, WasmBytes wasm) {
        if (swaps.putIfAbsent(module, true) != null) {
            return;
        }
        boolean accepted = swapping.execute(() -> {
            try {
                swap(module, wasm);
            } finally {
                swaps.remove(module);
            }
        });
        if (!accepted) {
            swaps.remove(module);
        }
    }

    private void swap(ModuleDigest module, WasmBytes wasm) {
        List<LaneId> accepted = probes.lanes();
        Artifacts.Found<M> found = find(module, accepted);
        if (!(found instanceof Artifacts.Found.Module<M>)) {
            Instant deadline = clock.instant().plus(SWAP_WAIT);
            found = artifacts.compile(module, accepted, new ModuleBytes(module, wasm), deadline);
        }
        if (found instanceof Artifacts.Found.Module<M> artifact) {
            loaded.put(module, artifact.loaded());
            listener.on(new PrecastEvent.Swapped(module));
        }
    }

    /**
     * Downloads artifacts before they are loaded. Makes one lookup for up to 300 modules, or one for each 100 modules
     * of a longer list, then downloads in parallel within the builder's rate limit. With a disk cache the artifacts are
     * verified and stored there, and later loads need no service; without one they are loaded into memory. Retries a
     * failed lookup twice. Returns when the result of every module is known, or at the deadline.
     *
     * @param deadline time limit of the whole call, including the search for lanes that load here
     * @param progress receives the result of each module as soon as it is known, on other threads
     * @return the results, in the order of {@code modules}
     */
    public List<Prefetched> prefetch(
            Collection<ModuleDigest> modules, Duration deadline, Consumer<Prefetched> progress) {
        return newPrefetch(deadline, progress).run(List.copyOf(modules), probes::lanes);
    }

    /**
     * Downloads the artifacts of the modules in a file; see {@link ModuleFile} and
     * {@link #prefetch(Collection, Duration, Consumer)}.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a line is malformed
     */
    public List<Prefetched> prefetch(Path file, Duration deadline, Consumer<Prefetched> progress) throws IOException {
        return prefetch(ModuleFile.read(file), deadline, progress);
    }

    /**
     * Downloads the artifacts of the modules that hosts loaded, most loaded first; see
     * {@link #prefetch(Collection, Duration, Consumer)}. The result is empty if no source lists these modules in time.
     * The listener gets an event if a source fails or is late.
     *
     * @param group only hosts of this group; empty for all hosts
     * @param within maximum age of a load
     */
    public List<Prefetched> prefetchUsed(
            Optional<String> group, Duration within, Duration deadline, Consumer<Prefetched> progress) {
        Prefetch prefetch = newPrefetch(deadline, progress);
        return prefetch.run(prefetch.used(group, within), probes::lanes);
    }

    /** Creates a prefetch whose deadline counts from now. */
    private Prefetch newPrefetch(Duration deadline, Consumer<Prefetched> progress) {
        long until = System.nanoTime() + deadline.toNanos();
        return new Prefetch(prefetching, until, progress, this::keepLoaded);
    }

    private void keepLoaded(ArtifactFinder.Located located) throws IOException, RefusedException {
        loaded.put(located.key().module(), artifacts.open(located));
    }

    /** Stops the background work. Loaded modules stay usable. */
    @Override
    public void close() {
        artifacts.close();
        prefetching.background().close();
        swapping.close();
    }
}
