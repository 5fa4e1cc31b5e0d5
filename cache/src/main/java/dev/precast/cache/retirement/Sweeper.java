package dev.precast.cache.retirement;

import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.ForeignTimes;
import dev.precast.cache.store.RetiredArtifacts;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Sweeps retired artifacts periodically. The replica that first records the start of a sweep performs it; the other
 * replicas wait for the next sweep.
 */
public final class Sweeper implements AutoCloseable {
    /** Shortest time between two sweeps. */
    public static final Duration SHORTEST = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(Sweeper.class.getName());
    private static final String DOCUMENT = "sweeps/last";
    private static final int LOOKS = 24;

    private final Retirement retirement;
    private final DocumentStore documents;
    private final InstantSource clock;
    private final ForeignTimes times;
    private final Duration every;
    private final Thread thread;
    private volatile boolean closed;

    /** @param every how often the fleet sweeps, at least {@link #SHORTEST} */
    public Sweeper(Retirement retirement, DocumentStore documents, InstantSource clock, Duration every) {
        if (every.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("sweep interval: expected at least " + SHORTEST + ", found " + every);
        }
        this.retirement = retirement;
        this.documents = documents;
        this.clock = clock;
        this.times = new ForeignTimes(clock);
        this.every = every;
        this.thread = Thread.ofVirtual().name("sweeper").start(this::run);
    }

    private void run() {
        try {
            while (!closed) {
                // A random pause, so that replicas that start together do not check together.
                double part = ThreadLocalRandom.current().nextDouble(0.8, 1.2) / LOOKS;
                Thread.sleep(Duration.ofNanos((long) (every.toNanos() * part)));
                try {
                    sweepIfDue()
                            .ifPresent(swept -> LOG.log(
                                    Level.INFO,
                                    "sweep: deleted " + swept.payloads() + " payloads, " + swept.bytes() + " bytes"));
                } catch (RuntimeException e) {
                    LOG.log(Level.WARNING, "sweep: failed, to be retried: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Sweeps if a sweep is due and no other replica has started it; returns what was deleted. After a crash the next
     * sweep deletes the rest.
     */
    Optional<RetiredArtifacts.Swept> sweepIfDue() {
        Instant now = clock.instant();
        Optional<DocumentStore.Document> last = documents.find(DOCUMENT);
        if (last.map(Sweeper::at).filter(at -> !times.hasEnded(at, at, every)).isPresent()) {
            return Optional.empty();
        }
        byte[] json = JsonObject.EMPTY.with("at", now.toString()).canonical().getBytes(StandardCharsets.UTF_8);
        return documents
                .put(DOCUMENT, json, last.map(DocumentStore.Document::version).orElse(null))
                .map(mine -> retirement.sweep());
    }

    /** The time of the last sweep; the epoch if the document is damaged. */
    private static Instant at(DocumentStore.Document last) {
        try {
            return Instant.parse(Json.parse(last.bytes()).asObject("sweep").string("at"));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    /** Stops. Does not complete a running sweep. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.interrupt();
        thread.join();
    }
}
