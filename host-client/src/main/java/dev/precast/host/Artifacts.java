package dev.precast.host;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.host.service.ServiceException;
import dev.precast.load.EngineLoader;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads modules from artifacts of the disk cache, of the sources, or of compilations. Thread safe. */
final class Artifacts<M> {
    private static final MissReason COMPILING = new MissReason.NoArtifact(new KeyState.Compiling());
    private static final Optional<ProblemCode> NOT_SERVED = Optional.of(ProblemCode.ENGINE_NOT_SERVED);

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

    /** The result of a search. */
    sealed interface Found<M> {
        /** A loaded artifact. */
        record Module<M>(Loaded<M> loaded) implements Found<M> {}

        /** There is no usable artifact. */
        record Nothing<M>(MissReason reason) implements Found<M> {}
    }

    /**
     * Searches the disk cache, then the sources.
     *
     * @param lanes at least one, most preferred first
     */
    Found<M> find(ModuleDigest module, List<LaneId> lanes) {
        Found<M> onDisk = onDisk(module, lanes);
        if (onDisk instanceof Found.Module<M>) {
            return onDisk;
        }
        ArtifactFinder.Answer answer = finder.find(module, lanes);
        if (answer != null) {
            return take(answer);
        }
        return onDisk != null ? onDisk : new Found.Nothing<>(new MissReason.NoSourceAnswers(finder.lastTrouble()));
    }

    /** Searches the disk cache; null if it has no artifact. */
    private @Nullable Found<M> onDisk(ModuleDigest module, List<LaneId> accepted) {
        Found<M> last = null;
        for (LaneId lane : accepted) {
            ArtifactKey key = lane.key(module);
            try {
                ArtifactFinder.Located located = finder.onDisk(key);
                if (located != null) {
                    return new Found.Module<>(open(located));
                }
            } catch (RefusedException e) {
                last = refused(key, e);
            } catch (IOException | RuntimeException | LinkageError e) {
                last = notLoaded("artifact of " + key + " in the disk cache: " + e);
            }
        }
        return last;
    }

    private Found<M> take(ArtifactFinder.Answer answer) {
        ArtifactKey key = answer.finding().key();
        if (!(answer.finding().state() instanceof KeyState.Present present)) {
            return new Found.Nothing<>(
                    new MissReason.NoArtifact(answer.finding().state()));
        }
        try {
            return new Found.Module<>(open(finder.accept(key, present.envelope(), answer.from())));
        } catch (RefusedException e) {
            return refused(key, e);
        } catch (IOException | RuntimeException | LinkageError e) {
            return notLoaded("artifact of " + key + " from " + answer.from() + ": " + e);
        }
    }

    private Found<M> notLoaded(String trouble) {
        listener.on(new PrecastEvent.Degraded(trouble));
        return new Found.Nothing<>(new MissReason.NotLoaded(trouble));
    }

    /** Loads an artifact that was found. */
    Loaded<M> open(ArtifactFinder.Located located) throws IOException, RefusedException {
        long policy = trust.get().version();
        M module = located.load(loader);
        listener.on(new PrecastEvent.Hit(located.key().module(), located.tier()));
        usage.loaded(located.key().module(), located.key().lane());
        return new Loaded.Artifact<>(module, located.key(), located.envelope(), policy, clock.instant());
    }

    /**
     * Requests a compilation in one of these lanes and loads the artifact.
     *
     * @param lanes most preferred first
     * @return null if no source compiles
     */
    @Nullable
    Found<M> compile(ModuleDigest module, List<LaneId> lanes, WasmBytes bytes, Instant deadline) {
        Found<M> last = null;
        for (ArtifactSource source : finder.sources()) {
            if (source instanceof CompileService service) {
                for (LaneId lane : lanes) {
                    last = compile(service, source, lane.key(module), bytes, deadline);
                    if (last instanceof Found.Module<M>) {
                        return last;
                    }
                    if (!(last instanceof Found.Nothing<M> nothing
                            && nothing.reason() instanceof MissReason.NotAccepted refused
                            && refused.code().equals(NOT_SERVED))) {
                        break; // Another lane would fail in the same way, or there is no time left.
                    }
                }
            }
        }
        return last;
    }

    private Found<M> compile(
            CompileService service, ArtifactSource source, ArtifactKey key, WasmBytes bytes, Instant deadline) {
        try {
            while (true) {
                Duration left = Duration.between(clock.instant(), deadline);
                if (left.isNegative() || left.isZero()) {
                    return new Found.Nothing<>(COMPILING);
                }
                KeyState state = service.compile(key, bytes, left);
                if (!(state instanceof KeyState.Compiling)) {
                    return take(new ArtifactFinder.Answer(new Finding(key, state), source));
                }
                Thread.sleep(Math.min(200, Math.max(1, left.toMillis() / 10)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Found.Nothing<>(COMPILING);
        } catch (ServiceException.Problem e) {
            listener.on(new PrecastEvent.Degraded("compilation of " + key + " by " + source + ": " + e.getMessage()));
            return new Found.Nothing<>(new MissReason.NotAccepted(e.code(), e.detail()));
        } catch (IOException | RuntimeException e) {
            String trouble = "compilation of " + key + " by " + source + ": " + e;
            listener.on(new PrecastEvent.Degraded(trouble));
            return new Found.Nothing<>(new MissReason.NoSourceAnswers(Optional.of(trouble)));
        }
    }

    /** Reports that an artifact was refused. */
    Found<M> refused(ArtifactKey key, RefusedException e) {
        String detail = String.valueOf(e.getMessage());
        listener.on(new PrecastEvent.Refused("module " + key.module(), e.check(), detail));
        return new Found.Nothing<>(new MissReason.Refused(e.check(), detail));
    }
}
