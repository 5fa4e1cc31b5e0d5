package dev.precast.cache.damage;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.cache.damage.Recheck.Verdict;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.ForeignTimes;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The stored rechecks: documents {@code rechecks/<digest of the key>}, and {@code rechecks/active}, which limits how many
 * are open. The API opens a recheck; workers write what they find and close it. An open recheck ends after an hour.
 *
 * <p>Thread safe. Methods throw {@link dev.precast.cache.store.StoreException} if the store fails.
 */
public final class Rechecks {
    /** Folder of the documents. */
    public static final String FOLDER = "rechecks";

    static final Duration OPEN = Duration.ofHours(1);
    /** How long a verdict stands. */
    static final Duration QUIET = Duration.ofDays(1);

    private static final String ACTIVE = FOLDER + "/active";

    private final DocumentStore documents;
    private final InstantSource clock;
    private final ForeignTimes times;

    public Rechecks(DocumentStore documents, InstantSource clock) {
        this.documents = documents;
        this.clock = clock;
        this.times = new ForeignTimes(clock);
    }

    /** What came of a request for a recheck. */
    public enum Opened {
        /** Workers test the artifact, or will. */
        OPEN,
        /** A verdict of the last day stands. */
        CLOSED,
        /** Too many rechecks are open in the fleet, or the caller has one open. */
        BUSY
    }

    /**
     * Opens a recheck.
     *
     * @param caller who reported the artifact; has at most one open recheck
     * @param most maximum number of open rechecks in the fleet
     * @param workers number of workers that must refuse the artifact, at least 1
     */
    Opened open(ArtifactKey key, Digest payload, String caller, int most, int workers) {
        Instant now = clock.instant();
        Optional<Recheck> last = last(key).filter(recheck -> recheck.payload().equals(payload));
        if (last.filter(this::isOpen).isPresent()) {
            return Opened.OPEN;
        }
        if (last.filter(recheck -> recheck.verdict().isPresent() && !times.hasEnded(recheck, recheck.at(), QUIET))
                .isPresent()) {
            return Opened.CLOSED;
        }
        if (!reserve(key, Digest.of(caller.getBytes(StandardCharsets.UTF_8)), most, now)) {
            return Opened.BUSY;
        }
        documents.put(name(key), Recheck.of(payload, now, workers).toJson(), DocumentStore.ANY);
        return Opened.OPEN;
    }

    private boolean reserve(ArtifactKey key, Digest caller, int most, Instant now) {
        return documents.update(ACTIVE, before -> {
            List<Active> active = active(before);
            if (active.size() >= most
                    || active.stream().anyMatch(other -> other.caller().equals(caller))) {
                return null;
            }
            active.add(new Active(key.digest(), caller, now.plus(OPEN)));
            return json(active);
        });
    }

    /** The open recheck of a key, if there is one. */
    public Optional<Recheck> find(ArtifactKey key) {
        return last(key).filter(this::isOpen);
    }

    private boolean isOpen(Recheck recheck) {
        return recheck.verdict().isEmpty()
                && !times.hasEnded(List.of(recheck.payload(), recheck.at()), recheck.at(), OPEN);
    }

    /** Records that a worker refuses the artifact. Returns the new state; empty if the recheck has ended. */
    public Optional<Recheck> refused(ArtifactKey key, String worker) {
        return change(key, recheck -> recheck.refusedBy(worker));
    }

    /** Records a test without a result. Returns the new state; empty if the recheck has ended. */
    public Optional<Recheck> undecided(ArtifactKey key) {
        return change(key, Recheck::triedAgain);
    }

    /** Closes a recheck. */
    public void close(ArtifactKey key, Verdict verdict) {
        change(key, recheck -> recheck.closed(verdict));
        documents.update(ACTIVE, before -> {
            List<Active> active = active(before);
            return active.removeIf(one -> one.key().equals(key.digest())) ? json(active) : null;
        });
    }

    private Optional<Recheck> change(ArtifactKey key, UnaryOperator<Recheck> change) {
        List<Recheck> changed = new ArrayList<>(1);
        documents.update(name(key), before -> {
            changed.clear();
            before.flatMap(document -> Recheck.read(name(key), document))
                    .filter(this::isOpen)
                    .ifPresent(recheck -> changed.add(change.apply(recheck)));
            return changed.isEmpty() ? null : changed.getFirst().toJson();
        });
        return changed.stream().findFirst();
    }

    /** The last recheck of a key, open or not. */
    public Optional<Recheck> last(ArtifactKey key) {
        return documents.find(name(key)).flatMap(document -> Recheck.read(name(key), document));
    }

    private static String name(ArtifactKey key) {
        return FOLDER + "/" + key.digest().hex();
    }

    /** Whether a document of this folder is older than {@code instant}, or damaged. */
    public static boolean isOlder(String name, DocumentStore.Document document, Instant instant) {
        return !name.equals(ACTIVE)
                && Recheck.read(name, document)
                        .filter(recheck -> !recheck.at().isBefore(instant))
                        .isEmpty();
    }

    /** An open recheck. */
    private record Active(Digest key, Digest caller, Instant until) {}

    private List<Active> active(Optional<DocumentStore.Document> document) {
        List<Active> active = new ArrayList<>(
                document.flatMap(d -> d.read(ACTIVE, Rechecks::read)).orElse(List.of()));
        active.removeIf(one -> times.hasPassed(one, one.until(), OPEN));
        return active;
    }

    private static List<Active> read(JsonObject json) {
        return json.array("active").stream()
                .map(one -> one.asObject("active"))
                .map(one -> new Active(
                        Digest.parse(one.string("key")),
                        Digest.parse(one.string("caller")),
                        Instant.parse(one.string("until"))))
                .toList();
    }

    private static byte[] json(List<Active> active) {
        List<JsonObject> all = active.stream()
                .map(one -> JsonObject.EMPTY
                        .with("key", one.key().toString())
                        .with("caller", one.caller().toString())
                        .with("until", one.until().toString()))
                .toList();
        return JsonObject.EMPTY.with("active", Json.of(all)).canonical().getBytes(StandardCharsets.UTF_8);
    }
}
