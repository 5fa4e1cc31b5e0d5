package dev.precast.host.prefetch;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.MissReason;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.Prefetched;
import dev.precast.host.UsageService;
import dev.precast.host.background.Background;
import dev.precast.host.load.ArtifactFinder;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One run of a prefetch: downloads artifacts to the disk cache or, without a disk cache, loads them into memory. */
public final class Prefetch {
    /**
     * Maximum number of modules in a single lookup. A longer list is split, so that one slow answer does not fail all
     * modules.
     */
    private static final int ONE_LOOKUP = 300;

    private static final int PIECE = 100;
    /** Pauses before the retries of a failed lookup. */
    private static final List<Duration> PAUSES = List.of(Duration.ofMillis(1500), Duration.ofSeconds(3));

    private final ArtifactFinder finder;
    private final PrecastListener listener;
    private final Setting setting;
    private final long until;
    private final Consumer<Prefetched> progress;
    private final IntoMemory memory;
    private static final MissReason CLOSED = new MissReason.NotLoaded("the host client is closed");

    /** @param until the deadline, in {@link System#nanoTime} */
    public Prefetch(Setting setting, long until, Consumer<Prefetched> progress, IntoMemory memory) {
        this.finder = setting.finder;
        this.listener = setting.listener;
        this.setting = setting;
        this.until = until;
        this.progress = progress;
        this.memory = memory;
    }

    /**
     * What all prefetches of a host share.
     *
     * @param background runs lookups and downloads
     */
    public record Setting(ArtifactFinder finder, PrecastListener listener, Background background, Throttle throttle) {}

    /** Loads an artifact into memory. */
    public interface IntoMemory {
        void take(ArtifactFinder.Located located) throws IOException, RefusedException;
    }

    /** The modules that hosts loaded; empty if no source answers in time. */
    public List<ModuleDigest> used(Optional<String> group, Duration within) {
        CompletableFuture<List<ModuleDigest>> told = new CompletableFuture<>();
        if (!setting.background.execute(() -> told.complete(fromSources(group, within)))) {
            return List.of();
        }
        try {
            return told.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            listener.on(new PrecastEvent.Degraded(
                    "prefetch: no source sent the list of loaded modules before the deadline"));
        } catch (ExecutionException e) {
            listener.on(
                    new PrecastEvent.Degraded("prefetch: cannot get the list of loaded modules: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    /** The modules that hosts loaded, from the first source that lists them; empty if none does. */
    private List<ModuleDigest> fromSources(Optional<String> group, Duration within) {
        for (ArtifactSource source : finder.sources()) {
            if (source instanceof UsageService service) {
                try {
                    return service.used(group, within);
                } catch (IOException | RuntimeException e) {
                    listener.on(new PrecastEvent.Degraded("list of loaded modules from " + source + ": " + e));
                }
            }
        }
        return List.of();
    }

    /**
     * Runs the prefetch; returns the result of each module.
     *
     * @param lanes supplies the lanes that load in this process; called in the background, because the search may take
     *     long
     */
    public List<Prefetched> run(List<ModuleDigest> modules, Supplier<List<LaneId>> lanes) {
        Map<ModuleDigest, CompletableFuture<Prefetched>> running = new LinkedHashMap<>();
        for (ModuleDigest module : modules) {
            running.computeIfAbsent(module, m -> new CompletableFuture<>());
        }
        if (!setting.background.execute(() -> start(running, lanes))) {
            running.forEach((m, result) -> result.complete(new Prefetched.Missing(m, CLOSED)));
        }
        List<Prefetched> results = new ArrayList<>(modules.size());
        for (ModuleDigest module : modules) {
            results.add(await(module, result(running, module)));
        }
        return results;
    }

    private void start(Map<ModuleDigest, CompletableFuture<Prefetched>> running, Supplier<List<LaneId>> lanes) {
        try {
            startIn(lanes.get(), running);
        } catch (RuntimeException | LinkageError e) {
            listener.on(new PrecastEvent.Degraded("prefetch: " + e));
            MissReason reason = new MissReason.NotLoaded(e.toString());
            running.forEach((module, result) -> done(result, new Prefetched.Missing(module, reason)));
        }
    }

    private void startIn(List<LaneId> lanes, Map<ModuleDigest, CompletableFuture<Prefetched>> running) {
        Map<ModuleDigest, MissReason> wanted = new LinkedHashMap<>();
        MissReason unasked = new MissReason.NoSourceAnswers(Optional.empty());
        running.forEach((module, result) -> {
            if (lanes.isEmpty()) {
                done(result, new Prefetched.Missing(module, new MissReason.NoLaneLoads(Optional.empty())));
            } else if (isOnDisk(module, lanes)) {
                done(result, new Prefetched.Ready(module, 0));
            } else {
                wanted.put(module, unasked);
            }
        });
        for (ArtifactSource source : finder.sources()) {
            startFrom(source, wanted, lanes, running);
        }
        wanted.forEach((module, reason) -> done(result(running, module), new Prefetched.Missing(module, reason)));
    }

    /**
     * Starts the downloads from a source.
     *
     * @param wanted the modules that no source has so far, each with the reason; this method removes the modules that
     *     the source has
     */
    private void startFrom(
            ArtifactSource source,
            Map<ModuleDigest, MissReason> wanted,
            List<LaneId> lanes,
            Map<ModuleDigest, CompletableFuture<Prefetched>> running) {
        List<ModuleDigest> all = List.copyOf(wanted.keySet());
        int piece = all.size() > ONE_LOOKUP ? PIECE : ONE_LOOKUP;
        for (int from = 0; from < all.size(); from += piece) {
            List<Finding> findings = find(source, all.subList(from, Math.min(all.size(), from + piece)), lanes);
            if (findings.isEmpty()) {
                MissReason silent = new MissReason.NoSourceAnswers(finder.lastTrouble());
                all.subList(from, all.size()).forEach(module -> wanted.put(module, silent));
                return;
            }
            for (Finding finding : findings) {
                ModuleDigest module = finding.key().module();
                CompletableFuture<Prefetched> result = result(running, module);
                if (!(finding.state() instanceof KeyState.Present present)) {
                    wanted.put(module, new MissReason.NoArtifact(finding.state()));
                    continue;
                }
                wanted.remove(module);
                if (!setting.background.execute(
                        () -> done(result, download(finding.key(), present.envelope(), source)))) {
                    done(result, new Prefetched.Missing(module, CLOSED));
                }
            }
        }
    }

    /** Makes a lookup with up to two retries; empty if the source fails. */
    private List<Finding> find(ArtifactSource source, List<ModuleDigest> modules, List<LaneId> lanes) {
        List<Finding> found = finder.find(source, modules, lanes);
        for (Duration pause : PAUSES) {
            if (!found.isEmpty() || System.nanoTime() + pause.toNanos() - until > 0) {
                return found;
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // The host client is closed.
                return found;
            }
            found = finder.find(source, modules, lanes);
        }
        return found;
    }

    private static CompletableFuture<Prefetched> result(
            Map<ModuleDigest, CompletableFuture<Prefetched>> running, ModuleDigest module) {
        return running.getOrDefault(module, new CompletableFuture<>());
    }

    private boolean isOnDisk(ModuleDigest module, List<LaneId> lanes) {
        try {
            for (LaneId lane : lanes) {
                if (finder.isOnDisk(lane.key(module))) {
                    return true;
                }
            }
        } catch (RefusedException e) {
            listener.on(new PrecastEvent.Refused("module " + module, e.check(), String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            listener.on(new PrecastEvent.Degraded("module " + module + " in the disk cache: " + e));
        }
        return false;
    }

    private Prefetched download(ArtifactKey key, byte[] envelope, ArtifactSource source) {
        ModuleDigest module = key.module();
        try {
            ArtifactSource throttled = setting.throttle.on(source);
            if (finder.hasDisk()) {
                return new Prefetched.Ready(module, finder.keep(key, envelope, throttled));
            }
            ArtifactFinder.Located located = finder.accept(key, envelope, throttled);
            memory.take(located);
            return new Prefetched.Ready(
                    module, located.artifact().attestation().payload().size());
        } catch (RefusedException e) {
            String detail = String.valueOf(e.getMessage());
            listener.on(new PrecastEvent.Refused("module " + module, e.check(), detail));
            return new Prefetched.Missing(module, new MissReason.Refused(e.check(), detail));
        } catch (IOException | RuntimeException | LinkageError e) {
            String trouble = "prefetch of module " + module + " from " + source + ": " + e;
            listener.on(new PrecastEvent.Degraded(trouble));
            return new Prefetched.Missing(module, new MissReason.NotLoaded(trouble));
        }
    }

    private void done(CompletableFuture<Prefetched> result, Prefetched what) {
        if (result.complete(what)) {
            try {
                progress.accept(what);
            } catch (RuntimeException e) {
                listener.on(new PrecastEvent.Degraded("prefetch: the progress callback failed: " + e));
            }
        }
    }

    private Prefetched await(ModuleDigest module, CompletableFuture<Prefetched> result) {
        try {
            return result.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Prefetched.OutOfTime(module);
        } catch (ExecutionException e) {
            return new Prefetched.Missing(module, new MissReason.NotLoaded(e.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Prefetched.OutOfTime(module);
        }
    }
}
