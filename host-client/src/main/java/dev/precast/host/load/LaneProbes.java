package dev.precast.host.load;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.attestation.RefusedException;
import dev.precast.host.ArtifactSource;
import dev.precast.host.CompileService;
import dev.precast.host.LaneSource;
import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import dev.precast.load.EngineLoader;
import dev.precast.load.OfferedLane;
import dev.precast.load.ProbingLoader;
import dev.precast.load.UnsupportedHostException;
import dev.precast.module.EmptyModule;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The lanes whose artifacts load in this process: the lanes that the loader knows, and the offered lanes whose probe
 * (the artifact of {@link EmptyModule}) it could load. The disk cache stores the offered lanes, so that a host can
 * start without its service.
 *
 * <p>Thread safe. One thread at a time asks the sources and tries probes. Other threads use the last list of lanes, or
 * wait if there is none yet.
 *
 * @param <M> the engine's own type of a loaded module
 */
public final class LaneProbes<M> {
    /** Maximum wait for the compilation of a probe. */
    private static final Duration COMPILE_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration ASK_AGAIN_AFTER = Duration.ofMinutes(1);

    private final EngineLoader<M> loader;
    private final ArtifactFinder finder;
    private final PrecastListener listener;
    private final InstantSource clock;
    private final ReentrantLock trying = new ReentrantLock();
    private volatile @Nullable List<LaneId> accepted;
    private volatile Instant askedAt = Instant.MIN;
    private volatile @Nullable String refusal;

    public LaneProbes(EngineLoader<M> loader, ArtifactFinder finder, PrecastListener listener, InstantSource clock) {
        this.loader = loader;
        this.finder = finder;
        this.listener = listener;
        this.clock = clock;
    }

    /** The lanes, most preferred first; empty if artifacts cannot be loaded in this process. */
    public List<LaneId> lanes() {
        List<LaneId> known = accepted;
        if (known == null) {
            trying.lock();
            try {
                return firstLanes();
            } finally {
                trying.unlock();
            }
        }
        if (known.isEmpty() && mayAsk() && trying.tryLock()) {
            try {
                return firstLanes();
            } finally {
                trying.unlock();
            }
        }
        return known;
    }

    /** Why the last refused lane does not load here; empty if no lane was refused. */
    public Optional<String> lastRefusal() {
        return Optional.ofNullable(refusal);
    }

    private List<LaneId> firstLanes() {
        List<LaneId> known = accepted;
        if (known == null || (known.isEmpty() && mayAsk())) {
            known = find(false);
            accepted = known;
        }
        return known;
    }

    /**
     * Asks the sources for new lanes after a miss, at most once a minute; returns whether the list of lanes changed.
     */
    public boolean foundMore() {
        if (!mayAsk() || !trying.tryLock()) {
            return false;
        }
        try {
            if (!mayAsk()) {
                return false;
            }
            List<LaneId> now = find(true);
            if (now.isEmpty() || now.equals(accepted)) {
                return false;
            }
            accepted = now;
            return true;
        } finally {
            trying.unlock();
        }
    }

    /** @param again whether to ask the sources even if a lane in the disk cache loads */
    private List<LaneId> find(boolean again) {
        List<LaneId> found = new ArrayList<>();
        try {
            for (Lane lane : loader.lanes()) {
                found.add(lane.id());
            }
            if (loader instanceof ProbingLoader<M> probing) {
                found.addAll(again ? tryAll(probing, ask()) : tried(probing));
            }
        } catch (UnsupportedHostException e) {
            refusal = e.getMessage();
            listener.on(new PrecastEvent.Degraded("engine: cannot load artifacts in this process: " + e.getMessage()));
        }
        return List.copyOf(found);
    }

    private boolean mayAsk() {
        return loader instanceof ProbingLoader<M> && !clock.instant().isBefore(askedAt.plus(ASK_AGAIN_AFTER));
    }

    private List<LaneId> tried(ProbingLoader<M> probing) {
        List<LaneId> loading = tryAll(probing, remembered());
        return loading.isEmpty() && mayAsk() ? tryAll(probing, ask()) : loading;
    }

    private List<OfferedLane> remembered() {
        try {
            return finder.rememberedLanes();
        } catch (IOException e) {
            listener.on(new PrecastEvent.Degraded("lanes in the disk cache: cannot be read: " + e.getMessage()));
            return List.of();
        }
    }

    private List<OfferedLane> ask() {
        askedAt = clock.instant();
        List<OfferedLane> offers = new ArrayList<>();
        for (ArtifactSource source : finder.sources()) {
            if (source instanceof LaneSource lanes) {
                try {
                    offers.addAll(lanes.lanes());
                } catch (IOException | RuntimeException e) {
                    listener.on(new PrecastEvent.Degraded("lanes of " + source + ": " + e.getMessage()));
                }
            }
        }
        finder.rememberLanes(offers);
        return offers;
    }

    private List<LaneId> tryAll(ProbingLoader<M> probing, List<OfferedLane> offers) {
        List<LaneId> loading = new ArrayList<>();
        for (Lane lane : probing.worthTrying(offers)) {
            if (loads(lane.id())) {
                loading.add(lane.id());
            }
        }
        return loading;
    }

    private boolean loads(LaneId lane) {
        ArtifactKey key = lane.key(EmptyModule.DIGEST);
        try {
            ArtifactFinder.Located probe = onDisk(key);
            if (probe == null) {
                probe = fromSources(lane);
            }
            if (probe == null) {
                listener.on(new PrecastEvent.Degraded("lane " + lane + ": not tried: no source has its probe"));
                return false;
            }
            probe.load(loader);
            return true;
        } catch (RefusedException e) {
            refusal = "lane " + lane + ": " + e.getMessage();
            listener.on(new PrecastEvent.Refused("lane " + lane, e.check(), String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException | LinkageError e) {
            listener.on(new PrecastEvent.Degraded("lane " + lane + ": cannot load its probe: " + e));
        }
        return false;
    }

    /** The probe in the disk cache; null if it is missing or damaged. The caller then asks the sources. */
    private ArtifactFinder.@Nullable Located onDisk(ArtifactKey key) {
        try {
            return finder.onDisk(key);
        } catch (RefusedException e) {
            listener.on(
                    new PrecastEvent.Refused("probe of lane " + key.lane(), e.check(), String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            listener.on(new PrecastEvent.Degraded("probe of lane " + key.lane() + " in the disk cache: " + e));
        }
        return null;
    }

    private ArtifactFinder.@Nullable Located fromSources(LaneId lane) throws IOException, RefusedException {
        ArtifactFinder.Answer answer = finder.find(EmptyModule.DIGEST, List.of(lane));
        if (answer == null) {
            return null;
        }
        ArtifactKey key = answer.finding().key();
        KeyState state = answer.finding().state();
        boolean toCome = state instanceof KeyState.Absent || state instanceof KeyState.Compiling;
        if (toCome && answer.from() instanceof CompileService service) {
            state = service.compile(key, EmptyModule::wasm, COMPILE_TIMEOUT);
        }
        return state instanceof KeyState.Present present ? finder.accept(key, present.envelope(), answer.from()) : null;
    }
}
