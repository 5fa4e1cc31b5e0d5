package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.load.EngineLoader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Modules from artifacts: of the disk cache, of the sources, or of who compiles them. Thread safe. */
final class Artifacts<M> {
    private final EngineLoader<M> loader;
    private final ArtifactFinder finder;
    private final TrustKeeper trust;
    private final PrecastListener listener;
    private final UsageReporter usage;
    private final InstantSource clock;

    Artifacts(
            EngineLoader<M> loader,
            ArtifactFinder finder,
            TrustKeeper trust,
            PrecastListener listener,
            UsageReporter usage,
            InstantSource clock) {
        this.loader = loader;
        this.finder = finder;
        this.trust = trust;
        this.listener = listener;
        this.usage = usage;
        this.clock = clock;
    }

    /**
     * What a search came to.
     *
     * @param loaded {@code null} if there is no artifact that may be loaded
     * @param reason why not
     */
    record Found<M>(@Nullable Loaded<M> loaded, String reason) {
        private static <M> Found<M> not(String reason) {
            return new Found<>(null, reason);
        }
    }

    /** On disk, else in a source. */
    Found<M> find(ModuleDigest module, List<LaneId> lanes) {
        if (lanes.isEmpty()) {
            return Found.not("no lane loads in this process");
        }
        Loaded<M> onDisk = onDisk(module, lanes);
        if (onDisk != null) {
            return new Found<>(onDisk, "");
        }
        ArtifactFinder.Answer answer = finder.find(module, lanes);
        return answer == null ? Found.not("no source answers") : new Found<>(take(answer), reason(answer.finding()));
    }

    private @Nullable Loaded<M> onDisk(ModuleDigest module, List<LaneId> accepted) {
        for (LaneId lane : accepted) {
            ArtifactKey key = lane.key(module);
            try {
                ArtifactFinder.Located located = finder.onDisk(key);
                if (located != null) {
                    return open(located);
                }
            } catch (RefusedException e) {
                refused(key, e);
            } catch (IOException | RuntimeException | LinkageError e) {
                listener.degraded("artifact of " + key + " in the disk cache: " + e);
            }
        }
        return null;
    }

    private @Nullable Loaded<M> take(ArtifactFinder.Answer answer) {
        if (!(answer.finding() instanceof Finding.Present present)) {
            return null;
        }
        try {
            return open(finder.accept(present, answer.from()));
        } catch (RefusedException e) {
            refused(present.key(), e);
        } catch (IOException | RuntimeException | LinkageError e) {
            listener.degraded("artifact of " + present.key() + " from " + answer.from() + ": " + e);
        }
        return null;
    }

    /** Loads what was found. */
    Loaded<M> open(ArtifactFinder.Located located) throws IOException, RefusedException {
        long policy = trust.get().version();
        M module = located.load(loader);
        listener.hit(located.key().module(), located.tier());
        usage.loaded(located.key().module(), located.key().lane());
        return new Loaded.Artifact<>(module, located.key(), located.envelope(), policy, clock.instant());
    }

    /** Has it compiled by whoever serves one of these lanes. */
    Found<M> compile(ModuleDigest module, List<LaneId> lanes, WasmBytes bytes, Instant deadline) {
        String why = "";
        for (ArtifactSource source : finder.sources()) {
            if (source instanceof CompileService service) {
                for (LaneId lane : lanes) {
                    Finding finding = compile(service, source, lane.key(module), bytes, deadline);
                    if (finding instanceof Finding.Present) {
                        return new Found<>(take(new ArtifactFinder.Answer(finding, source)), reason(finding));
                    }
                    why = finding == null ? why : reason(finding);
                    if (!(finding instanceof Finding.Absent)) {
                        break; // Another lane would fare no better, or there is no time left.
                    }
                }
            }
        }
        return Found.not(why);
    }

    private @Nullable Finding compile(
            CompileService service, ArtifactSource source, ArtifactKey key, WasmBytes bytes, Instant deadline) {
        try {
            while (true) {
                Duration left = Duration.between(clock.instant(), deadline);
                if (left.isNegative() || left.isZero()) {
                    return new Finding.Compiling(key);
                }
                Finding finding = service.compile(key, bytes, left);
                if (!(finding instanceof Finding.Compiling)) {
                    return finding;
                }
                Thread.sleep(Math.min(200, Math.max(1, left.toMillis() / 10)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (IOException | RuntimeException e) {
            listener.degraded("compilation of " + key + " by " + source + ": " + e);
            return null;
        }
    }

    /** Tells that an artifact was refused. */
    void refused(ArtifactKey key, RefusedException e) {
        listener.refused("module " + key.module(), e.check(), String.valueOf(e.getMessage()));
    }

    private static String reason(Finding finding) {
        if (finding instanceof Finding.Rejected rejected) {
            return "rejected, " + rejected.code() + ": " + rejected.message();
        } else if (finding instanceof Finding.Failed failed) {
            return "failed, may be asked again at " + failed.retryAt() + ": " + failed.message();
        } else if (finding instanceof Finding.Compiling) {
            return "still compiling";
        } else if (finding instanceof Finding.Absent absent) {
            return absent.reason();
        }
        return "what is there was not accepted";
    }
}
