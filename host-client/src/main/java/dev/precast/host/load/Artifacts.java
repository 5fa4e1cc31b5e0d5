package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.TrustPolicy;
import dev.precast.host.ArtifactSource;
import dev.precast.host.CompileService;
import dev.precast.host.Finding;
import dev.precast.host.MissReason;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.host.WasmBytes;
import dev.precast.host.service.ServiceException;
import dev.precast.host.trust.TrustKeeper;
import dev.precast.host.usage.UsageReporter;
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

/** Loads modules from artifacts: from the disk cache, from the sources, or after a compilation. Thread safe. */
public final class Artifacts<M> implements AutoCloseable {
    private static final Duration VERIFY_AGAIN_AFTER = Duration.ofMinutes(1);
    private static final MissReason COMPILING = new MissReason.NoArtifact(new KeyState.Compiling());
    private static final Optional<ProblemCode> NOT_SERVED = Optional.of(ProblemCode.ENGINE_NOT_SERVED);

    private final EngineLoader<M> loader;
    private final ArtifactFinder finder;
    private final TrustKeeper trust;
    private final PrecastListener listener;
    private final UsageReporter usage;
    private final InstantSource clock;

    public Artifacts(
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
    public sealed interface Found<M> {
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
    public Found<M> find(ModuleDigest module, List<LaneId> lanes) {
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
    public Loaded<M> open(ArtifactFinder.Located located) throws IOException, RefusedException {
        long policy = trust.get().version();
        M module = loaded(located);
        trust.keepFresh();
        listener.on(new PrecastEvent.Hit(located.key().module(), located.tier()));
        usage.loaded(located.key().module(), located.key().lane());
        return new Loaded.Artifact<>(
                module,
                located.key(),
                located.artifact().attestation().payload().digest(),
                located.envelope(),
                policy,
                clock.instant());
    }

    private M loaded(ArtifactFinder.Located located) throws IOException, RefusedException {
        try {
            return located.load(loader);
        } catch (RefusedException e) {
            if (ArtifactFinder.isByEngine(e)) {
                finder.refusedByEngine(located);
            }
            throw e;
        }
    }

    /**
     * Requests a compilation in one of these lanes and loads the artifact.
     *
     * @param lanes most preferred first
     * @return null if no source accepts compilation requests or {@code lanes} is empty
     */
    @Nullable
    public Found<M> compile(ModuleDigest module, List<LaneId> lanes, WasmBytes bytes, Instant deadline) {
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
                Duration pause = Duration.ofMillis(Math.min(200, Math.max(1, left.toMillis() / 10)));
                try {
                    KeyState state = service.compile(key, bytes, left);
                    if (!(state instanceof KeyState.Compiling)) {
                        return take(new ArtifactFinder.Answer(new Finding(key, state), source));
                    }
                } catch (ServiceException e) {
                    Duration passes = e.passesIn().orElse(left);
                    if (passes.compareTo(left) >= 0) {
                        throw e;
                    }
                    pause = passes;
                }
                Thread.sleep(pause.toMillis());
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

    /** Makes a module that the engine interprets. */
    public M interpret(byte[] wasm) {
        return loader.interpret(wasm);
    }

    /**
     * Checks an artifact in memory as if it were loaded now.
     *
     * @return the checked artifact; null if it must not be used any more
     */
    public Loaded.@Nullable Artifact<M> checkedAgain(Loaded.Artifact<M> known) {
        TrustPolicy policy = trust.current();
        if (policy == null) {
            return null;
        }
        Instant now = clock.instant();
        if (!finder.isBroken(known.payload())
                && policy.version() == known.under()
                && now.isBefore(known.verifiedAt().plus(VERIFY_AGAIN_AFTER))) {
            return known;
        }
        try {
            finder.verifyAgain(known.envelope(), known.key());
            return new Loaded.Artifact<>(
                    known.module(), known.key(), known.payload(), known.envelope(), policy.version(), now);
        } catch (RefusedException e) {
            refused(known.key(), e);
            return null;
        }
    }

    /** Counts a load of a module that is in memory. */
    public void usedAgain(ModuleDigest module) {
        listener.on(new PrecastEvent.Hit(module, PrecastEvent.Tier.MEMORY));
        usage.loadedAgain(module);
    }

    @Override
    public void close() {
        trust.close();
        usage.close();
    }

    private Found<M> refused(ArtifactKey key, RefusedException e) {
        String detail = String.valueOf(e.getMessage());
        listener.on(new PrecastEvent.Refused("module " + key.module(), e.check(), detail));
        return new Found.Nothing<>(new MissReason.Refused(e.check(), detail));
    }
}
