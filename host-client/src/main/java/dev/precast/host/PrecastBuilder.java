package dev.precast.host;

import dev.precast.host.background.Background;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.listener.NoListener;
import dev.precast.host.listener.QuietListener;
import dev.precast.host.load.ArtifactFinder;
import dev.precast.host.load.Artifacts;
import dev.precast.host.load.LaneProbes;
import dev.precast.host.load.LoadedModules;
import dev.precast.host.prefetch.Prefetch;
import dev.precast.host.prefetch.Throttle;
import dev.precast.host.trust.TrustKeeper;
import dev.precast.host.usage.UsageReporter;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.EngineLoader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a {@link Precast}. Not thread safe.
 *
 * @param <M> the engine's own type of a loaded module
 */
public final class PrecastBuilder<M> {
    /** Names the variable with the trust root: its key in base64, or the file that holds it. */
    public static final String TRUST_ROOT_VARIABLE = "PRECAST_TRUST_ROOT";

    private final EngineLoader<M> loader;
    private final List<ArtifactSource> sources = new ArrayList<>();
    private @Nullable TrustRoot root;
    private @Nullable Path diskFolder;
    private long diskBytes;
    private MissPolicy<M> onMiss = MissPolicy.interpretAndSwap();
    private PrecastListener listener = PrecastListener.logging();
    private long maxLoaded = 1000;
    private long maxPayloadBytes = 1L << 30;
    private Duration trustRefresh = Duration.ofSeconds(30);
    private Optional<String> usageGroup = Optional.empty();
    private int prefetchDownloads = 4;
    private long prefetchBytesPerSecond = Long.MAX_VALUE;
    private Duration usageEvery = Duration.ofHours(1);
    private InstantSource clock = InstantSource.system();

    PrecastBuilder(EngineLoader<M> loader) {
        this.loader = loader;
    }

    /** Adds the service at that address; for tokens and other settings see {@link ServiceClient#builder}. */
    public PrecastBuilder<M> service(URI service) {
        return source(ServiceClient.of(service));
    }

    /** Adds a source; they are asked in the order in which they were added. */
    public PrecastBuilder<M> source(ArtifactSource source) {
        sources.add(source);
        return this;
    }

    /** Trusts policies that this root signed. */
    public PrecastBuilder<M> trustRoot(TrustRoot trusted) {
        root = trusted;
        return this;
    }

    /**
     * The same by the root's public key in base64.
     *
     * @throws IllegalArgumentException if it is no key
     */
    public PrecastBuilder<M> trustRoot(String base64) {
        return trustRoot(TrustRoot.parse(base64));
    }

    /**
     * The same by a file that holds the key.
     *
     * @throws IllegalArgumentException if the file cannot be read or holds no key
     */
    public PrecastBuilder<M> trustRoot(Path file) {
        return trustRoot(TrustKeeper.readRoot(file));
    }

    /**
     * Keeps artifacts in that folder, which belongs to this uid alone and may be shared with its other processes. A
     * folder that does not is not used, and the listener hears why.
     *
     * @param maxBytes all files together, 1 or more
     */
    public PrecastBuilder<M> diskCache(Path folder, long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("disk cache: expected a limit of 1 byte or more, found " + maxBytes);
        }
        diskFolder = folder;
        diskBytes = maxBytes;
        return this;
    }

    /** What a miss does; {@link MissPolicy#interpretAndSwap} unless set. */
    public PrecastBuilder<M> onMiss(MissPolicy<M> policy) {
        onMiss = policy;
        return this;
    }

    /** Adds a listener to those that were added before, the first of which is {@link PrecastListener#logging}. */
    public PrecastBuilder<M> listener(PrecastListener added) {
        listener = listener.and(new QuietListener(added));
        return this;
    }

    /** Drops all listeners that were added before, the one that logs too. */
    public PrecastBuilder<M> withoutListeners() {
        listener = new NoListener();
        return this;
    }

    /** How many loaded modules are held in memory, those used longest ago leaving first; 1,000 unless set. */
    public PrecastBuilder<M> maxLoaded(long modules) {
        if (modules < 0) {
            throw new IllegalArgumentException("loaded modules: expected 0 or more, found " + modules);
        }
        maxLoaded = modules;
        return this;
    }

    /** Largest payload that is taken, in bytes; 1 GiB unless set. */
    public PrecastBuilder<M> maxPayloadBytes(long bytes) {
        maxPayloadBytes = bytes;
        return this;
    }

    /** How often the trust policy is asked for in the background; every 30 s unless set, at least every second. */
    public PrecastBuilder<M> refreshTrustEvery(Duration time) {
        if (time.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("trust policy: expected a second or more, found " + time);
        }
        trustRefresh = time;
        return this;
    }

    /** How many downloads a prefetch runs side by side; 4 unless set, 1 to 64. */
    public PrecastBuilder<M> prefetchDownloads(int downloads) {
        if (downloads < 1 || downloads > 64) {
            throw new IllegalArgumentException("prefetch: expected 1 to 64 downloads, found " + downloads);
        }
        prefetchDownloads = downloads;
        return this;
    }

    /**
     * How fast all downloads of a prefetch together may be, in bytes of payloads a second as they are loaded, not compressed;
     * as fast as it goes unless set. A download slower than 256 KiB a second is given up, so it is at least that for each
     * that runs side by side.
     */
    public PrecastBuilder<M> prefetchBytesPerSecond(long bytes) {
        prefetchBytesPerSecond = bytes;
        return this;
    }

    private Throttle prefetchThrottle() {
        long least = (long) prefetchDownloads * Throttle.LEAST_BYTES_A_DOWNLOAD;
        if (prefetchBytesPerSecond < least) {
            throw new IllegalArgumentException("prefetch: expected at least " + least + " bytes a second for "
                    + prefetchDownloads + " downloads, found " + prefetchBytesPerSecond);
        }
        return new Throttle(prefetchBytesPerSecond);
    }

    /**
     * Names the group of this host in its usage reports, so that hosts of the group can prefetch what it uses.
     *
     * @param group lower-case letters, digits, dots, underscores and hyphens, at most 64
     */
    public PrecastBuilder<M> usageGroup(String group) {
        if (!group.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException("usage group: expected lower-case letters, digits, dots, underscores and"
                    + " hyphens, at most 64, found " + group);
        }
        usageGroup = Optional.of(group);
        return this;
    }

    /**
     * How often the service is told what was loaded; every hour unless set, the first time after a minute. Zero never
     * tells it. Each module is told once a day.
     */
    public PrecastBuilder<M> reportUsageEvery(Duration time) {
        usageEvery = time;
        return this;
    }

    PrecastBuilder<M> clock(InstantSource source) {
        clock = source;
        return this;
    }

    /**
     * Nothing is connected or loaded yet; the trust policy of the disk cache is read on another thread.
     *
     * @throws IllegalArgumentException if no trust root was given, here or by the variable
     */
    public Precast<M> build() {
        DiskCache disk = openDisk(listener);
        List<ArtifactSource> all = List.copyOf(sources);
        TrustKeeper trust = new TrustKeeper(trustedRoot(), all, disk, clock, listener, trustRefresh);
        trust.readAhead();
        ArtifactFinder finder = new ArtifactFinder(all, disk, trust, clock, listener, maxPayloadBytes);
        UsageReporter usage = new UsageReporter(all, usageGroup, usageEvery, clock);
        return new Precast<>(
                new Artifacts<>(loader, finder, trust, listener, usage, clock),
                new LaneProbes<>(loader, finder, listener, clock),
                new LoadedModules<>(maxLoaded),
                onMiss,
                new Prefetch.Setting(finder, listener, new Background(prefetchDownloads), prefetchThrottle()),
                listener,
                clock);
    }

    private @Nullable DiskCache openDisk(PrecastListener hears) {
        Path folder = diskFolder;
        if (folder == null) {
            return null;
        }
        try {
            return DiskCache.open(folder, diskBytes, clock, hears);
        } catch (IOException | RuntimeException e) {
            hears.on(new PrecastEvent.Degraded("no disk cache: " + e.getMessage()));
            return null;
        }
    }

    private TrustRoot trustedRoot() {
        if (root != null) {
            return root;
        }
        String variable = System.getenv(TRUST_ROOT_VARIABLE);
        if (variable == null || variable.isBlank()) {
            throw new IllegalArgumentException("trust root: none was given; call trustRoot() or set "
                    + TRUST_ROOT_VARIABLE + " to the root's public key or the file that holds it");
        }
        return TrustKeeper.readRoot(variable.strip());
    }
}
