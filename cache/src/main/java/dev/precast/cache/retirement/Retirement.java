package dev.precast.cache.retirement;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.Payloads;
import dev.precast.cache.Withdrawals;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.cache.store.RetiredArtifacts.Entry;
import dev.precast.cache.store.UnfinishedStarts;
import dev.precast.cache.usage.UsageDay;
import dev.precast.cache.usage.Usages;
import dev.precast.cache.warmup.ModuleLists;
import dev.precast.cache.warmup.Warmup;
import dev.precast.cache.warmup.WarmupDocuments;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Retires artifacts by lane, last use or total size. Never retires an artifact that a host loaded or a lookup returned
 * within the last hour, nor an artifact of a warm-up that is running or was requested within the last hour.
 *
 * <p>Thread safe.
 */
public final class Retirement {
    private static final Duration RECENT = Duration.ofHours(1);

    private final RetiredArtifacts artifacts;
    private final DocumentListing names;
    private final DocumentStore documents;
    private final ModuleLists lists;
    private final WarmupDocuments warmups;
    private final Usages usages;
    private final Withdrawals withdrawals;
    private final IdleLanes idle;
    private final InstantSource clock;

    /** @param names lists {@code documents} */
    public Retirement(
            RetiredArtifacts artifacts,
            DocumentStore documents,
            DocumentListing names,
            Usages usages,
            Withdrawals withdrawals,
            IdleLanes idle,
            InstantSource clock) {
        this.artifacts = artifacts;
        this.names = names;
        this.documents = documents;
        this.lists = new ModuleLists(documents, clock);
        this.warmups = new WarmupDocuments(documents);
        this.usages = usages;
        this.withdrawals = withdrawals;
        this.idle = idle;
        this.clock = clock;
    }

    /**
     * The criteria for retirement. An artifact must meet all of them.
     *
     * @param lanes digests of lanes; empty for all lanes. If this is the only criterion, the lanes are unregistered too
     * @param unusedFor selects artifacts that were not used for this time; from 1 hour to {@link Usages#KEPT}
     * @param keepBytes selects the least recently used artifacts, until the payloads of all others have at most this
     *     total size
     */
    public record Criteria(Set<Digest> lanes, Optional<Duration> unusedFor, OptionalLong keepBytes) {
        /** @throws IllegalArgumentException if there are no criteria, or {@code unusedFor} is out of range */
        public Criteria {
            lanes = Set.copyOf(lanes);
            if (lanes.isEmpty() && unusedFor.isEmpty() && keepBytes.isEmpty()) {
                throw new IllegalArgumentException(
                        "retirement: expected at least one of lanes, unusedFor, keepBytes; found none");
            }
            if (unusedFor
                    .filter(time -> time.compareTo(Usages.KEPT) > 0 || time.compareTo(RECENT) < 0)
                    .isPresent()) {
                throw new IllegalArgumentException("retirement: unusedFor: expected " + RECENT.toHours() + " hour "
                        + "to " + Usages.KEPT.toDays() + " days, found " + unusedFor.get());
            }
        }

        private Set<Digest> wholeLanes() {
            return unusedFor.isEmpty() && keepBytes.isEmpty() ? lanes : Set.of();
        }
    }

    /** @param lastUse time of the last use by a host or a lookup, or of the compilation if that was later */
    public record Item(Entry entry, Instant lastUse) {
        /** Total size of the payload's forms, raw and compressed, in bytes. */
        public long bytes() {
            return forms(entry.attestation()).stream()
                    .mapToLong(SizedDigest::size)
                    .sum();
        }
    }

    /**
     * The artifacts and lanes that would be retired.
     *
     * @param items artifacts to retire, the least recently used first
     * @param spared number of artifacts that meet the criteria but stay because of recent use or a warm-up
     * @param total number of all artifacts
     * @param totalBytes size of all payloads; shared payloads count once
     * @param lanes lanes to unregister
     * @param served lanes that stay because a worker serves them
     */
    public record Plan(
            List<Item> items, long spared, long total, long totalBytes, List<LaneId> lanes, List<LaneId> served) {
        public Plan {
            items = List.copyOf(items);
            lanes = List.copyOf(lanes);
            served = List.copyOf(served);
        }
    }

    /** Reads all attestations and selects artifacts. */
    public Plan plan(Criteria criteria) {
        Survey survey = new Survey(criteria);
        artifacts.forEach(survey::add);
        List<Item> chosen = survey.chosen;
        chosen.sort(Comparator.comparing(Item::lastUse));
        Payloads payloads = survey.payloads;
        long totalBytes = payloads.bytes;
        List<Item> items = criteria.keepBytes().isEmpty()
                ? chosen
                : untilFewer(chosen, payloads, criteria.keepBytes().getAsLong());
        IdleLanes.Found lanes = idle.find(criteria.wholeLanes());
        List<LaneId> going = lanes.idle().stream()
                .filter(lane -> !survey.inUse.contains(lane.digest()))
                .toList();
        return new Plan(items, survey.spared, survey.total, totalBytes, going, lanes.served());
    }

    /** The attestations, evaluated for the criteria. */
    private final class Survey {
        private final Criteria criteria;
        private final Instant now = clock.instant();
        private final Map<UsageDay.Use, Instant> lastUses = usages.lastUses(Usages.KEPT);
        private final Set<UsageDay.Use> named = namedByWarmups();
        private final Payloads payloads = new Payloads();
        private final List<Item> chosen = new ArrayList<>();
        /** Digests of lanes with a spared artifact. */
        private final Set<Digest> inUse = new HashSet<>();

        private long spared;
        private long total;

        Survey(Criteria criteria) {
            this.criteria = criteria;
        }

        void add(Entry entry) {
            Attestation a = entry.attestation();
            UsageDay.Use use =
                    new UsageDay.Use(a.lane().id().digest(), a.module().digest());
            Instant used = lastUses.getOrDefault(use, Instant.MIN);
            Instant last = used.isAfter(a.finishedOn()) ? used : a.finishedOn();
            total++;
            payloads.add(a);
            if ((!criteria.lanes().isEmpty() && !criteria.lanes().contains(use.lane()))
                    || criteria.unusedFor()
                            .filter(time -> !last.isBefore(now.minus(time)))
                            .isPresent()) {
                return;
            }
            if (used.isAfter(now.minus(RECENT)) || named.contains(use)) {
                spared++;
                inUse.add(use.lane());
            } else {
                chosen.add(new Item(entry, last));
            }
        }
    }

    private static List<Item> untilFewer(List<Item> chosen, Payloads payloads, long keepBytes) {
        List<Item> items = new ArrayList<>();
        for (Item item : chosen) {
            if (payloads.bytes <= keepBytes) {
                break;
            }
            payloads.remove(item.entry().attestation());
            items.add(item);
        }
        return items;
    }

    /**
     * Retires the artifacts and lanes of the plan, then sweeps.
     *
     * @return what was retired; artifacts that changed after the plan was made stay
     * @throws dev.precast.cache.queue.QueueUnavailableException if the plan contains lanes and the queue does not
     *     answer; the plan's artifacts have been retired before that
     */
    public Applied apply(Plan plan) throws InterruptedException {
        long retired = 0;
        for (Item item : plan.items()) {
            if (artifacts.retire(item.entry())) {
                withdrawals.tell(item.entry().attestation().key());
                retired++;
            }
        }
        idle.retire(plan.lanes());
        return new Applied(retired, sweep());
    }

    /** Deletes payloads that had no reference for a day, and old warm-ups, lists and usage. */
    public RetiredArtifacts.Swept sweep() {
        RetiredArtifacts.Swept swept = artifacts.sweep();
        forgetOldDocuments();
        return swept;
    }

    /**
     * @param artifacts number of retired artifacts
     * @param swept the deleted payloads, which are those of earlier retirements
     */
    public record Applied(long artifacts, RetiredArtifacts.Swept swept) {}

    private Set<UsageDay.Use> namedByWarmups() {
        Set<UsageDay.Use> named = new HashSet<>();
        Instant recent = clock.instant().minus(RECENT);
        names.forEach(
                WarmupDocuments.JOBS + "/",
                name -> warmups.find(name.substring(WarmupDocuments.JOBS.length() + 1))
                        .map(WarmupDocuments.Stored::warmup)
                        .filter(w -> w.state() == Warmup.State.RUNNING
                                || w.createdAt().isAfter(recent))
                        .ifPresent(w -> w.parts()
                                .forEach(part -> lists.find(part.list())
                                        .ifPresent(modules -> w.lanes().forEach(lane -> {
                                            Digest digest = lane.digest();
                                            modules.forEach(
                                                    module -> named.add(new UsageDay.Use(digest, module.digest())));
                                        })))));
        return named;
    }

    /**
     * Deletes warm-ups, lists, rechecks and unfinished starts that are damaged or thirty days old, and usage after its
     * maximum age.
     */
    private void forgetOldDocuments() {
        Instant old = clock.instant().minus(ModuleLists.KEPT);
        forget(
                WarmupDocuments.JOBS,
                (name, warmup) -> WarmupDocuments.createdAt(name, warmup).isBefore(old));
        forget(
                ModuleLists.FOLDER,
                (name, list) -> ModuleLists.sentAt(name, list).isBefore(old));
        forget(Rechecks.FOLDER, (name, recheck) -> Rechecks.isOlder(name, recheck, old));
        forget(UnfinishedStarts.FOLDER, (name, starts) -> UnfinishedStarts.isOlder(name, starts, old));
        String firstKept = Usages.FOLDER + "/" + Usages.day(clock.instant().minus(Usages.KEPT));
        names.forEach(Usages.FOLDER + "/", name -> {
            if (name.compareTo(firstKept) < 0) {
                documents.find(name).ifPresent(day -> documents.delete(name, day.version()));
            }
        });
    }

    /** Deletes the old documents of a folder. */
    private void forget(String folder, BiPredicate<String, DocumentStore.Document> isOld) {
        names.forEach(
                folder + "/",
                name -> documents
                        .find(name)
                        .filter(document -> isOld.test(name, document))
                        .ifPresent(document -> documents.delete(name, document.version())));
    }

    private static List<SizedDigest> forms(Attestation attestation) {
        List<SizedDigest> forms = new ArrayList<>(List.of(attestation.payload()));
        attestation.compressed().ifPresent(forms::add);
        return forms;
    }

    /** The total size of referenced payloads, each counted once. */
    private static final class Payloads {
        private final Map<Digest, Integer> references = new HashMap<>();
        private long bytes;

        void add(Attestation attestation) {
            for (SizedDigest form : forms(attestation)) {
                if (references.merge(form.digest(), 1, Integer::sum) == 1) {
                    bytes += form.size();
                }
            }
        }

        void remove(Attestation attestation) {
            for (SizedDigest form : forms(attestation)) {
                if (references.merge(form.digest(), -1, Integer::sum) == 0) {
                    bytes -= form.size();
                }
            }
        }
    }
}
