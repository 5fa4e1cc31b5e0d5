package dev.precast.host;

import dev.precast.attestation.TrustRoot;
import dev.precast.host.background.Background;
import dev.precast.host.disk.DiskCache;
import dev.precast.host.load.ArtifactFinder;
import dev.precast.host.load.Artifacts;
import dev.precast.host.load.LaneProbes;
import dev.precast.host.load.LoadedModules;
import dev.precast.host.prefetch.Prefetch;
import dev.precast.host.prefetch.Throttle;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceGroup;
import dev.precast.host.trust.TrustKeeper;
import dev.precast.host.usage.UsageReporter;
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
    /**
     * The environment variable with the trust root: its public key in base64, or the path of a file with it. Both may end
     * with {@code @} and the lowest policy version, such as {@code KEY@7}.
     */
    public static final String TRUST_ROOT_VARIABLE = "PRECAST_TRUST_ROOT";

    private final EngineLoader<M> loader;
    private final List<ArtifactSource> sources = new ArrayList<>();
    private @Nullable TrustRoot root;
    private @Nullable Freshness freshness;
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

    /** Adds the service at this address. For tokens and other settings see {@link ServiceClient#builder}. */
    public PrecastBuilder<M> service(URI service) {
        return source(ServiceClient.of(service));
    }

    /**
     * Adds one service at several addresses, such as replicas or regions that share their stores, the preferred address
     * first. If an address does not answer, the next one is asked; see {@link ServiceGroup}. For tokens and other
     * settings, add {@link ServiceGroup#of} as a source.
     *
     * @param addresses at least one
     */
    public PrecastBuilder<M> services(List<URI> addresses) {
        return source(ServiceGroup.of(addresses.stream().map(ServiceClient::of).toList()));
    }

    /** Adds a source. Sources are asked in the order in which they were added. */
    public PrecastBuilder<M> source(ArtifactSource source) {
        sources.add(source);
        return this;
    }

    /** Trusts policies that this root signs. */
    public PrecastBuilder<M> trustRoot(TrustRoot trusted) {
        root = trusted;
        return this;
    }

    /**
     * Trusts policies of a root, given by its public key in base64. If {@code @} and a number follow, such as
     * {@code KEY@7}, policies below this version are refused.
     *
     * @throws IllegalArgumentException if the text is not a public key
     */
    public PrecastBuilder<M> trustRoot(String base64) {
        return trustRoot(TrustRoot.parse(base64));
    }

    /**
     * Trusts policies of a root, given by a file with its public key.
     *
     * @throws IllegalArgumentException if the file cannot be read or contains no key
     */
    public PrecastBuilder<M> trustRoot(Path file) {
        return trustRoot(TrustRoot.read(file));
    }

    /**
     * Sets whether a host that has never seen a policy of its root demands a proof that the first one is current.
     * Default: the environment variable {@link Freshness#VARIABLE}, else {@link Freshness#ON}.
     */
    public PrecastBuilder<M> freshness(Freshness demanded) {
        freshness = demanded;
        return this;
    }

    /**
     * Stores artifacts in this folder, which only this process's uid may access (mode 0700). Other processes of this
     * uid may share the folder. If the folder cannot be used, there is no disk cache, and the listener gets an event.
     *
     * @param maxBytes maximum size of all files together, 1 or more
     */
    public PrecastBuilder<M> diskCache(Path folder, long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("disk cache size: expected 1 byte or more, found " + maxBytes);
        }
        diskFolder = folder;
        diskBytes = maxBytes;
        return this;
    }

    /** Sets the miss policy. Default: {@link MissPolicy#interpretAndSwap}. */
    public PrecastBuilder<M> onMiss(MissPolicy<M> policy) {
        onMiss = policy;
        return this;
    }

    /** Adds a listener. {@link PrecastListener#logging} is present from the start. */
    public PrecastBuilder<M> listener(PrecastListener added) {
        listener = listener.and(added);
        return this;
    }

    /** Removes all listeners, including the logging one. */
    public PrecastBuilder<M> withoutListeners() {
        listener = Listeners.NONE;
        return this;
    }

    /**
     * Sets the maximum number of loaded modules in memory; the least recently used ones are dropped first. Default:
     * 1,000.
     */
    public PrecastBuilder<M> maxLoaded(long modules) {
        if (modules < 0) {
            throw new IllegalArgumentException("loaded modules: expected 0 or more, found " + modules);
        }
        maxLoaded = modules;
        return this;
    }

    /** Sets the maximum size of a payload in bytes. Default: 1 GiB. */
    public PrecastBuilder<M> maxPayloadBytes(long bytes) {
        maxPayloadBytes = bytes;
        return this;
    }

    /** Sets the pause between background reads of the trust policy from the sources, at least 1 s. Default: 30 s. */
    public PrecastBuilder<M> refreshTrustEvery(Duration time) {
        if (time.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("trust policy interval: expected 1 s or more, found " + time);
        }
        trustRefresh = time;
        return this;
    }

    /** Sets the number of parallel downloads of a prefetch, 1 to 64. Default: 4. */
    public PrecastBuilder<M> prefetchDownloads(int downloads) {
        if (downloads < 1 || downloads > 64) {
            throw new IllegalArgumentException("prefetch: expected 1 to 64 parallel downloads, found " + downloads);
        }
        prefetchDownloads = downloads;
        return this;
    }

    /**
     * Limits the total rate of all prefetch downloads, in bytes of uncompressed payloads per second. Default: no limit.
     * A download slower than 256 KiB per second is aborted, so the limit must be at least that for each parallel
     * download.
     */
    public PrecastBuilder<M> prefetchBytesPerSecond(long bytes) {
        prefetchBytesPerSecond = bytes;
        return this;
    }

    private Throttle prefetchThrottle() {
        long least = (long) prefetchDownloads * Throttle.LEAST_BYTES_A_DOWNLOAD;
        if (prefetchBytesPerSecond < least) {
            throw new IllegalArgumentException("prefetch rate: expected at least " + least + " bytes per second "
                    + "for " + prefetchDownloads + " parallel downloads, found " + prefetchBytesPerSecond);
        }
        return new Throttle(prefetchBytesPerSecond);
    }

    /**
     * Sets the group of this host in its usage reports, so that other hosts can prefetch the modules that the group
     * loads.
     *
     * @param group 1 to 64 lower-case letters, digits, dots, underscores and hyphens, the first a letter or digit
     */
    public PrecastBuilder<M> usageGroup(String group) {
        if (!group.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException("usage group: expected 1 to 64 lower-case letters, digits, dots, "
                    + "underscores and hyphens, the first a letter or digit, found " + group);
        }
        usageGroup = Optional.of(group);
        return this;
    }

    /**
     * Sets how often this host reports its loads to the service. Default: 1 h. Zero disables reports. The first report
     * follows a minute after the first load, or sooner if {@code time} is shorter. Each module is reported about once a
     * day.
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
     * Builds the cache. Makes no connection; another thread reads the trust policy from the disk cache.
     *
     * @throws IllegalArgumentException if no trust root was set, here or by the environment variable, or an environment
     *     variable is invalid
     */
    public Precast<M> build() {
        DiskCache disk = openDisk(listener);
        List<ArtifactSource> all = List.copyOf(sources);
        TrustKeeper trust = new TrustKeeper(trustedRoot(), demanded(), all, disk, clock, listener, trustRefresh);
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
            hears.on(new PrecastEvent.Degraded("disk cache: not used: " + e.getMessage()));
            return null;
        }
    }

    private Freshness demanded() {
        if (freshness != null) {
            return freshness;
        }
        String variable = System.getenv(Freshness.VARIABLE);
        return variable == null || variable.isBlank() ? Freshness.ON : Freshness.parse(variable);
    }

    private TrustRoot trustedRoot() {
        if (root != null) {
            return root;
        }
        String variable = System.getenv(TRUST_ROOT_VARIABLE);
        if (variable == null || variable.isBlank()) {
            throw new IllegalArgumentException("trust root: not set; call trustRoot() or set " + TRUST_ROOT_VARIABLE
                    + " to the root's public key or a file with it");
        }
        return TrustRoot.read(variable);
    }
}
