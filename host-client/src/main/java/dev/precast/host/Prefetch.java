package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
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

/** Brings artifacts from the sources to the disk cache, or to memory if there is none; one run, until its deadline. */
final class Prefetch {
    /** Up to so many modules are looked up at once, more in pieces, so that a slow answer does not lose all of them. */
    private static final int ONE_LOOKUP = 300;

    private static final int PIECE = 100;
    /** A source that failed is left alone for a second, then for two. */
    private static final List<Duration> PAUSES = List.of(Duration.ofMillis(1500), Duration.ofSeconds(3));

    private final ArtifactFinder finder;
    private final PrecastListener listener;
    private final Background background;
    private final Throttle throttle;
    private final long until;
    private final Consumer<Prefetched> progress;
    private final IntoMemory memory;
    private String nobody = "no source has it";

    /** @param until the deadline, by {@link System#nanoTime} */
    Prefetch(
            ArtifactFinder finder,
            PrecastListener listener,
            Background background,
            Throttle throttle,
            long until,
            Consumer<Prefetched> progress,
            IntoMemory memory) {
        this.finder = finder;
        this.listener = listener;
        this.background = background;
        this.throttle = throttle;
        this.until = until;
        this.progress = progress;
        this.memory = memory;
    }

    /** Takes an artifact into memory. */
    interface IntoMemory {
        void take(ArtifactFinder.Located located) throws IOException, RefusedException;
    }

    /** What hosts loaded; empty if nobody tells it in time. */
    List<ModuleDigest> used(Optional<String> group, Duration within) {
        CompletableFuture<List<ModuleDigest>> told = new CompletableFuture<>();
        if (!background.execute(() -> told.complete(finder.used(group, within)))) {
            return List.of();
        }
        try {
            return told.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            listener.on(new PrecastEvent.Degraded("prefetch: no source told what hosts loaded before the deadline"));
        } catch (ExecutionException e) {
            listener.on(new PrecastEvent.Degraded("prefetch: what hosts loaded: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    /**
     * What came of each module.
     *
     * @param lanes that load in this process; may take long to find, so that is asked in the background
     */
    List<Prefetched> run(List<ModuleDigest> modules, Supplier<List<LaneId>> lanes) {
        Map<ModuleDigest, CompletableFuture<Prefetched>> running = new LinkedHashMap<>();
        for (ModuleDigest module : modules) {
            running.computeIfAbsent(module, m -> new CompletableFuture<>());
        }
        if (!background.execute(() -> start(running, lanes))) {
            running.forEach((m, result) -> result.complete(new Prefetched.Missing(m, "closed")));
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
            running.forEach((module, result) -> done(result, new Prefetched.Missing(module, e.toString())));
        }
    }

    private void startIn(List<LaneId> lanes, Map<ModuleDigest, CompletableFuture<Prefetched>> running) {
        List<ModuleDigest> wanted = new ArrayList<>();
        running.forEach((module, result) -> {
            if (lanes.isEmpty()) {
                done(result, new Prefetched.Missing(module, "no lane loads in this process"));
            } else if (isOnDisk(module, lanes)) {
                done(result, new Prefetched.Ready(module, 0));
            } else {
                wanted.add(module);
            }
        });
        List<ModuleDigest> left = wanted;
        for (ArtifactSource source : finder.sources()) {
            if (!left.isEmpty()) {
                left = startFrom(source, left, lanes, running);
            }
        }
        for (ModuleDigest module : left) {
            done(result(running, module), new Prefetched.Missing(module, nobody));
        }
    }

    /** Starts the downloads of what that source has; the modules that it has not. */
    private List<ModuleDigest> startFrom(
            ArtifactSource source,
            List<ModuleDigest> wanted,
            List<LaneId> lanes,
            Map<ModuleDigest, CompletableFuture<Prefetched>> running) {
        int piece = wanted.size() > ONE_LOOKUP ? PIECE : ONE_LOOKUP;
        List<ModuleDigest> left = new ArrayList<>();
        for (int from = 0; from < wanted.size(); from += piece) {
            List<ModuleDigest> some = wanted.subList(from, Math.min(wanted.size(), from + piece));
            List<Finding> findings = find(source, some, lanes);
            if (findings.isEmpty()) {
                nobody = "no source that answered has it";
                left.addAll(wanted.subList(from, wanted.size()));
                return left;
            }
            for (Finding finding : findings) {
                ModuleDigest module = finding.key().module();
                CompletableFuture<Prefetched> result = result(running, module);
                if (!(finding instanceof Finding.Present present)) {
                    left.add(module);
                } else if (!background.execute(() -> done(result, download(present, source)))) {
                    done(result, new Prefetched.Missing(module, "closed"));
                }
            }
        }
        return left;
    }

    /** A lookup, tried twice more if there is time for it; empty if the source fails. */
    private List<Finding> find(ArtifactSource source, List<ModuleDigest> modules, List<LaneId> lanes) {
        List<Finding> found = finder.find(source, modules, lanes);
        for (Duration pause : PAUSES) {
            if (!found.isEmpty() || System.nanoTime() + pause.toNanos() - until > 0) {
                return found;
            }
            try {
                Thread.sleep(pause.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Closed.
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

    private Prefetched download(Finding.Present present, ArtifactSource source) {
        ModuleDigest module = present.key().module();
        try {
            ArtifactSource throttled = throttle.on(source);
            if (finder.hasDisk()) {
                return new Prefetched.Ready(module, finder.keep(present, throttled));
            }
            ArtifactFinder.Located located = finder.accept(present, throttled);
            memory.take(located);
            return new Prefetched.Ready(
                    module, located.artifact().attestation().payload().size());
        } catch (RefusedException e) {
            listener.on(new PrecastEvent.Refused("module " + module, e.check(), String.valueOf(e.getMessage())));
            return new Prefetched.Missing(module, String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException | LinkageError e) {
            listener.on(new PrecastEvent.Degraded("prefetch of module " + module + " from " + source + ": " + e));
            return new Prefetched.Missing(module, String.valueOf(e.getMessage()));
        }
    }

    private void done(CompletableFuture<Prefetched> result, Prefetched what) {
        if (result.complete(what)) {
            try {
                progress.accept(what);
            } catch (RuntimeException e) {
                listener.on(new PrecastEvent.Degraded("the progress callback failed: " + e));
            }
        }
    }

    private Prefetched await(ModuleDigest module, CompletableFuture<Prefetched> result) {
        try {
            return result.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return new Prefetched.OutOfTime(module);
        } catch (ExecutionException e) {
            return new Prefetched.Missing(module, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Prefetched.OutOfTime(module);
        }
    }
}
