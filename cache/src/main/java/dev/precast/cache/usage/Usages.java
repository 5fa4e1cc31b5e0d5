package dev.precast.cache.usage;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.Engines;
import dev.precast.cache.KeyStates;
import dev.precast.cache.Lookups;
import dev.precast.cache.Modules;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.protocol.KeyState;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Gatherers;

/**
 * The usage of artifacts by hosts and lookups. For each UTC day there is a document for all hosts, one for each group
 * of hosts, and one for lookups. Usage is approximate: replicas write it at intervals, and a killed replica loses what
 * it has not written.
 *
 * <p>Thread safe.
 */
public final class Usages implements AutoCloseable {
    /** How long usage is kept. */
    public static final Duration KEPT = Duration.ofDays(35);

    /** Folder of the documents. */
    public static final String FOLDER = "usage";

    private static final System.Logger LOG = System.getLogger(Usages.class.getName());
    private static final Pattern GROUP = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String HOSTS = "hosts";
    private static final String LOOKUPS = "lookups";
    /**
     * Maximum number of groups that are counted separately. Clients with the role {@code read} can name any group, so
     * the number is limited.
     */
    static final int MAX_GROUPS = 100;

    /** A group without reports for this time may be replaced by another group. */
    private static final Duration GROUP_KEPT = Duration.ofDays(2);

    private static final int MAX_PENDING = 300;

    private final DocumentStore documents;
    private final Engines engines;
    private final KeyStates states;
    private final Modules modules;
    private final InstantSource clock;
    private final Duration every;
    private final Map<String, UsageDay> pending = new HashMap<>();
    /** The time of the last report of each group. */
    private final Map<String, Instant> groups = new HashMap<>();

    private final Set<ArtifactKey> lookedUp = ConcurrentHashMap.newKeySet();
    private final Thread writer;
    private String warnedOn = "";

    /** @param every time between two writes */
    public Usages(
            DocumentStore documents,
            Engines engines,
            KeyStates states,
            Modules modules,
            InstantSource clock,
            Duration every) {
        this.documents = documents;
        this.engines = engines;
        this.states = states;
        this.modules = modules;
        this.clock = clock;
        this.every = every;
        this.writer = Thread.ofVirtual().name("usages").start(this::write);
    }

    /**
     * Whether {@code text} is a valid group name: 1 to 64 lower-case letters, digits, dots, underscores and hyphens,
     * the first a letter or digit.
     */
    public static boolean isGroup(String text) {
        return GROUP.matcher(text).matches();
    }

    /**
     * Records the loads of a host. Ignores unknown lanes and modules, so that false reports cannot displace true ones.
     *
     * @param group group of the host, if it has one; from the 101st group on, loads count only for all hosts together
     * @param lane digest of the lane; ignored if not registered
     * @param loads number of loads by module; modules that are neither stored nor compiled are ignored
     * @throws StoreException if the store fails; then nothing is recorded
     */
    public void report(Optional<String> group, Digest lane, Map<ModuleDigest, Integer> loads) {
        LaneId registered = engines.list().stream()
                .map(offer -> offer.lane().id())
                .filter(id -> id.digest().equals(lane))
                .findFirst()
                .orElse(null);
        if (registered == null) {
            return;
        }
        List<ModuleDigest> known = loads.keySet().stream()
                .gather(Gatherers.mapConcurrent(
                        Lookups.TOGETHER, (ModuleDigest module) -> known(registered.key(module))))
                .flatMap(Optional::stream)
                .toList();
        Instant now = clock.instant();
        String day = day(now);
        synchronized (pending) {
            Optional<String> apart = group.filter(name -> !known.isEmpty() && isCountedApart(name, now));
            for (ModuleDigest module : known) {
                UsageDay.Use use = new UsageDay.Use(lane, module.digest());
                UsageDay.Tally tally = new UsageDay.Tally(loads.getOrDefault(module, 0), minute(now));
                note(day + "/" + HOSTS, use, tally);
                apart.ifPresent(name -> note(day + "/groups/" + name, use, tally));
            }
        }
    }

    private Optional<ModuleDigest> known(ArtifactKey key) {
        return states.of(key) instanceof KeyState.Absent && !modules.holds(key.module())
                ? Optional.empty()
                : Optional.of(key.module());
    }

    private boolean isCountedApart(String group, Instant now) {
        groups.values().removeIf(heard -> heard.isBefore(now.minus(GROUP_KEPT)));
        if (groups.size() >= MAX_GROUPS && !groups.containsKey(group)) {
            if (!warnedOn.equals(day(now))) {
                warnedOn = day(now);
                LOG.log(
                        Level.WARNING,
                        "usage: too many groups (expected at most " + MAX_GROUPS + "); loads of group " + group
                                + " and of further groups are counted only for all hosts together");
            }
            return false;
        }
        groups.put(group, now);
        return true;
    }

    /** Records a use, unless a store failure of several days has left too many unwritten documents. */
    private void note(String document, UsageDay.Use use, UsageDay.Tally tally) {
        if (pending.size() < MAX_PENDING || pending.containsKey(document)) {
            pending.computeIfAbsent(document, d -> new UsageDay()).add(use, tally);
        }
    }

    /** Records that a lookup returned an artifact. Returns quickly. */
    public void lookedUp(ArtifactKey key) {
        if (lookedUp.size() < UsageDay.MAX_USES) {
            lookedUp.add(key);
        }
    }

    /**
     * The modules that hosts loaded, most loaded first.
     *
     * @param group only hosts of this group; empty for all hosts
     * @param within maximum age of a load, at most {@link #KEPT}
     */
    public List<ModuleDigest> modules(Optional<String> group, Duration within) {
        Map<Digest, Long> counts = new HashMap<>();
        look(group.map(name -> "groups/" + name).orElse(HOSTS), within)
                .forEach((use, seen) -> counts.merge(use.module(), seen.count, Long::sum));
        return counts.entrySet().stream()
                .sorted(Map.Entry.<Digest, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(entry -> new ModuleDigest(entry.getKey()))
                .toList();
    }

    /**
     * The last use of each artifact by a host or a lookup.
     *
     * @param within maximum age of a use, at most {@link #KEPT}
     */
    public Map<UsageDay.Use, Instant> lastUses(Duration within) {
        Map<UsageDay.Use, Instant> last = new HashMap<>();
        for (String kind : List.of(HOSTS, LOOKUPS)) {
            look(kind, within).forEach((use, seen) -> last.merge(use, seen.last, (a, b) -> a.isAfter(b) ? a : b));
        }
        return last;
    }

    private record Seen(long count, Instant last) {
        Seen plus(Seen other) {
            return new Seen(count + other.count, last.isAfter(other.last) ? last : other.last);
        }
    }

    private Map<UsageDay.Use, Seen> look(String kind, Duration within) {
        Instant now = clock.instant();
        Instant from = now.minus(within.compareTo(KEPT) > 0 ? KEPT : within);
        Map<UsageDay.Use, Seen> seen = new HashMap<>();
        LocalDate last = LocalDate.ofInstant(now, ZoneOffset.UTC);
        for (LocalDate date = LocalDate.ofInstant(from, ZoneOffset.UTC); !date.isAfter(last); date = date.plusDays(1)) {
            Instant start = date.atStartOfDay(ZoneOffset.UTC).toInstant();
            read(date + "/" + kind).uses().forEach((use, tally) -> {
                Instant at = start.plus(Duration.ofMinutes(tally.minute()));
                // Times are rounded down to minutes.
                if (at.plus(Duration.ofMinutes(1)).isAfter(from)) {
                    seen.merge(use, new Seen(tally.count(), at), Seen::plus);
                }
            });
        }
        return seen;
    }

    /** Reads a document and adds the uses that this replica has not written yet. */
    private UsageDay read(String document) {
        UsageDay day = documents
                .find(name(document))
                .flatMap(found -> parse(document, found))
                .orElseGet(UsageDay::new);
        takeLookups();
        synchronized (pending) {
            Optional.ofNullable(pending.get(document)).ifPresent(day::addAll);
        }
        return day;
    }

    private void takeLookups() {
        String document = day(clock.instant()) + "/" + LOOKUPS;
        UsageDay.Tally once = new UsageDay.Tally(1, minute(clock.instant()));
        List<ArtifactKey> taken = List.copyOf(lookedUp);
        synchronized (pending) {
            for (ArtifactKey key : taken) {
                note(
                        document,
                        new UsageDay.Use(key.lane().digest(), key.module().digest()),
                        once);
                lookedUp.remove(key);
            }
        }
    }

    private void write() {
        try {
            while (true) {
                Thread.sleep(every);
                try {
                    flush();
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "usage: write failed, to be retried: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes the uses since the last write. Keeps those that cannot be written. */
    void flush() {
        takeLookups();
        Set<String> names;
        synchronized (pending) {
            names = new HashSet<>(pending.keySet());
        }
        for (String document : names) {
            UsageDay said;
            synchronized (pending) {
                said = Optional.ofNullable(pending.remove(document)).orElseGet(UsageDay::new);
            }
            try {
                merge(document, said);
            } catch (RuntimeException e) {
                synchronized (pending) {
                    pending.computeIfAbsent(document, d -> new UsageDay()).addAll(said);
                }
                throw e;
            }
        }
    }

    private void merge(String document, UsageDay said) {
        documents.update(name(document), before -> {
            UsageDay day = before.flatMap(found -> parse(document, found)).orElseGet(UsageDay::new);
            day.addAll(said);
            return day.toJson().canonical().getBytes(StandardCharsets.UTF_8);
        });
    }

    private static Optional<UsageDay> parse(String document, DocumentStore.Document found) {
        return found.read("usage " + document, UsageDay::fromJson);
    }

    private static String name(String document) {
        return FOLDER + "/" + document;
    }

    public static String day(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC).toString();
    }

    private static int minute(Instant at) {
        return at.atOffset(ZoneOffset.UTC).toLocalTime().toSecondOfDay() / 60;
    }

    @Override
    public void close() throws InterruptedException {
        writer.interrupt();
        writer.join();
        try {
            flush();
        } catch (StoreException e) {
            LOG.log(Level.WARNING, "usage: last write failed, recent uses are lost: " + e.getMessage());
        }
    }
}
