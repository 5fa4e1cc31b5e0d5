package dev.precast.host;

import dev.precast.host.background.Background;
import dev.precast.host.load.ArtifactFinder;
import dev.precast.host.load.Artifacts;
import dev.precast.host.load.LaneProbes;
import dev.precast.host.load.Loaded;
import dev.precast.host.load.LoadedModules;
import dev.precast.host.load.ModuleBytes;
import dev.precast.host.prefetch.Prefetch;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
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
 * Gives loaded modules: from memory, from disk, from the sources, or by what the host chose for a miss. Never fails
 * because of the cache. Thread safe; threads that ask for one module at one time share one load.
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

    /** Starts with the engine's load side; give at least a trust root and a source. */
    public static <M> PrecastBuilder<M> builder(EngineLoader<M> loader) {
        return new PrecastBuilder<>(loader);
    }

    /**
     * The module, loaded.
     *
     * @param wasm its bytes, read only on a miss
     * @throws ArtifactMissingException on a miss, if the host chose to fail
     * @throws java.io.UncheckedIOException if the bytes are needed and cannot be read
     * @throws IllegalArgumentException if the bytes are needed and are another module's, or the engine refuses them
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

    /** The same for bytes that are at hand. */
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

    /** Whether a module in memory may still be used; looks for an artifact if it is none. */
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
        } else if (checked != known) {
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
     * Brings modules near before they are loaded: one lookup of up to 300, of more one for each hundred, then downloads, side
     * by side and no faster than the builder was told. With a disk cache they are verified and kept there, and later loads
     * need no service; without one they are loaded into memory. A lookup that fails is tried twice more. Returns when all is
     * there, or at the deadline: a host that waits for it is ready then.
     *
     * @param deadline for all of it, also for finding out which lanes load here
     * @param progress told what came of each module, on other threads, as it comes
     * @return what came of each, in the order given
     */
    public List<Prefetched> prefetch(
            Collection<ModuleDigest> modules, Duration deadline, Consumer<Prefetched> progress) {
        return newPrefetch(deadline, progress).run(List.copyOf(modules), probes::lanes);
    }

    /**
     * The same for the modules that a file names: one a line, {@code sha256:<64 hex>} or the digits alone; what follows a
     * blank, empty lines and those that begin with # do not count.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a line is anything else
     */
    public List<Prefetched> prefetch(Path file, Duration deadline, Consumer<Prefetched> progress) throws IOException {
        return prefetch(ModuleFile.read(file), deadline, progress);
    }

    /**
     * The same for what hosts loaded, those loaded most first. If no source can tell, or none does before the deadline, the
     * listener hears why, and there is nothing to do.
     *
     * @param group of the hosts that are meant, else all
     * @param within how long ago at most
     */
    public List<Prefetched> prefetchUsed(
            Optional<String> group, Duration within, Duration deadline, Consumer<Prefetched> progress) {
        Prefetch prefetch = newPrefetch(deadline, progress);
        return prefetch.run(prefetch.used(group, within), probes::lanes);
    }

    /** Its time runs from here. */
    private Prefetch newPrefetch(Duration deadline, Consumer<Prefetched> progress) {
        long until = System.nanoTime() + deadline.toNanos();
        return new Prefetch(prefetching, until, progress, this::keepLoaded);
    }

    private void keepLoaded(ArtifactFinder.Located located) throws IOException, RefusedException {
        loaded.put(located.key().module(), artifacts.open(located));
    }

    /** Ends what runs in the background. Loaded modules stay usable. */
    @Override
    public void close() {
        artifacts.close();
        prefetching.background().close();
        swapping.close();
    }
}
