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
 * What hosts say they loaded, and what was looked up: one document a UTC day for all hosts, one for each group of hosts, and
 * one for lookups. Approximate: what was said is written down once a minute, and what a replica holds when it is killed is
 * lost.
 *
 * <p>Thread safe.
 */
public final class Usages implements AutoCloseable {
    /** The furthest that anybody may look back. */
    public static final Duration KEPT = Duration.ofDays(35);

    /** Folder of the documents. */
    public static final String FOLDER = "usage";

    private static final System.Logger LOG = System.getLogger(Usages.class.getName());
    private static final Pattern GROUP = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String HOSTS = "hosts";
    private static final String LOOKUPS = "lookups";
    /** Groups that are counted apart: who may read may name any, so there is a limit to what they fill. */
    static final int MAX_GROUPS = 100;

    /** A group of which nothing is heard for so long makes room for another. */
    private static final Duration GROUP_KEPT = Duration.ofDays(2);

    private static final int MAX_PENDING = 300;

    private final DocumentStore documents;
    private final Engines engines;
    private final KeyStates states;
    private final Modules modules;
    private final InstantSource clock;
    private final Duration every;
    private final Map<String, UsageDay> pending = new HashMap<>();
    /** When each was heard of last. */
    private final Map<String, Instant> groups = new HashMap<>();

    private final Set<ArtifactKey> lookedUp = ConcurrentHashMap.newKeySet();
    private final Thread writer;
    private String warnedOn = "";

    /** @param every how often what was said is written down */
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

    /** Whether {@code text} can name a group: lower-case letters, digits, dots, underscores and hyphens, at most 64. */
    public static boolean isGroup(String text) {
        return GROUP.matcher(text).matches();
    }

    /**
     * Notes what a host loaded. Who may report may name anything, so what was never here is not noted, and does not push
     * out what is.
     *
     * @param group of the host, if it named one; beyond a hundred, a group is counted with all hosts only
     * @param lane digest of the lane; one that is not registered is not noted
     * @param loads how often, by module; one that is neither stored nor compiled is not noted
     * @throws StoreException if the store fails; then nothing is noted
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
                        "usage: " + MAX_GROUPS + " groups are counted apart, group " + group
                                + " and any further one with all hosts only");
            }
            return false;
        }
        groups.put(group, now);
        return true;
    }

    /** A store that is away for days would let them grow without end. */
    private void note(String document, UsageDay.Use use, UsageDay.Tally tally) {
        if (pending.size() < MAX_PENDING || pending.containsKey(document)) {
            pending.computeIfAbsent(document, d -> new UsageDay()).add(use, tally);
        }
    }

    /** Notes that somebody was told of that artifact. Quick. */
    public void lookedUp(ArtifactKey key) {
        if (lookedUp.size() < UsageDay.MAX_USES) {
            lookedUp.add(key);
        }
    }

    /**
     * The modules that hosts loaded, those loaded most first.
     *
     * @param group those of that group alone, else of all hosts
     * @param within how long ago at most, at most {@link #KEPT}
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

    /** When each artifact was used last, by a host or a lookup, as far back as that. */
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
                // The minute that it was in may have gone on for up to a minute.
                if (at.plus(Duration.ofMinutes(1)).isAfter(from)) {
                    seen.merge(use, new Seen(tally.count(), at), Seen::plus);
                }
            });
        }
        return seen;
    }

    /** What is written down, and what is not yet. */
    private UsageDay read(String document) {
        UsageDay day = documents
                .find(name(document))
                .map(found -> parse(document, found))
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
                    LOG.log(Level.WARNING, "usage is not written down now: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes down what was said since the last time. What cannot be written is kept. */
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
            UsageDay day = before.map(found -> parse(document, found)).orElseGet(UsageDay::new);
            day.addAll(said);
            return day.toJson().canonical().getBytes(StandardCharsets.UTF_8);
        });
    }

    private static UsageDay parse(String document, DocumentStore.Document found) {
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
            LOG.log(Level.WARNING, "what was used in the last minute is not written down: " + e.getMessage());
        }
    }
}
