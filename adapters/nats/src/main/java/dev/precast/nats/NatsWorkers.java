package dev.precast.nats;

import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.worker.InProcessWorkers;
import dev.precast.cache.worker.WorkerNotice;
import dev.precast.cache.worker.Workers;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeats of workers on NATS, {@code {"v":1,"notice":{…}}} under {@code precast.workers.<name>}. The packs are in a
 * header, because older versions refuse bodies with more members. Subscribes when it begins to {@linkplain #listen listen};
 * a process that only announces itself does not receive heartbeats. A process that begins to listen sends an empty message
 * to {@code precast.workers.ask}, which workers answer with a heartbeat.
 *
 * <p>Thread safe.
 */
public final class NatsWorkers implements Workers, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsWorkers.class.getName());
    private static final long VERSION = 1;
    private static final String PACKS = "Precast-Packs";
    /** How long {@link #alive} waits for answers after this process began to listen. */
    private static final Duration ANSWERS = Duration.ofMillis(500);
    /** One heartbeat answers all processes that asked in this time: a whole fleet may start at once. */
    private static final Duration TOGETHER = Duration.ofMillis(50);
    /** Limits the names of workers that are remembered, because heartbeats may be forged. */
    private static final int MOST_NAMES = 100_000;

    /** The header of heartbeats with the queue that the worker reads; older versions send none. */
    private static final String QUEUE = "Precast-Queue";

    private final NatsLink link;
    private final InProcessWorkers heard;
    /** Names of workers that read {@link QueueLayout#BY_WORKER}. */
    private final Set<String> newer = ConcurrentHashMap.newKeySet();

    private @Nullable Listening listening;
    private @Nullable Listening asked;
    /** A value of {@link System#nanoTime()}. */
    private long listensSince;
    /** The last own heartbeat. */
    private volatile @Nullable WorkerNotice own;

    private final AtomicBoolean answering = new AtomicBoolean();

    public NatsWorkers(NatsLink link, InstantSource clock) {
        this.link = link;
        this.heard = new InProcessWorkers(clock);
    }

    @Override
    public void announce(WorkerNotice notice) {
        own = notice;
        synchronized (this) {
            if (asked == null) {
                asked = new Listening(link, Subjects.ASK_WORKERS, _ -> answer());
            }
        }
        send(notice);
    }

    private void send(WorkerNotice notice) {
        byte[] body = JsonObject.EMPTY
                .with("v", VERSION)
                .with("notice", notice.toJson())
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        Headers headers =
                new Headers().put(PACKS, notice.packsToJson().canonical()).put(QUEUE, QueueLayout.BY_WORKER.stream());
        send(Subjects.worker(notice.worker()), headers, body);
    }

    private void send(String subject, @Nullable Headers headers, byte[] body) {
        try {
            link.send(subject, headers, body);
        } catch (QueueUnavailableException e) {
            LOG.log(Level.DEBUG, "heartbeat not published: " + e.getMessage());
        }
    }

    private void answer() {
        if (answering.compareAndSet(false, true)) {
            Thread.ofVirtual().name("precast-heartbeat").start(() -> {
                try {
                    Thread.sleep(TOGETHER);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                answering.set(false);
                WorkerNotice last = own;
                if (last != null) {
                    send(last);
                }
            });
        }
    }

    @Override
    public synchronized void listen() {
        if (listening == null) {
            listening = new Listening(link, Subjects.WORKERS, this::hear);
            listensSince = System.nanoTime();
            send(Subjects.ASK_WORKERS, null, new byte[0]);
        }
    }

    @Override
    public List<WorkerNotice> alive() {
        listen();
        awaitAnswers();
        return heard.alive();
    }

    private void awaitAnswers() {
        long left;
        synchronized (this) {
            left = listensSince + ANSWERS.toNanos() - System.nanoTime();
        }
        if (left > 0) {
            try {
                Thread.sleep(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Whether requests of the lane must be where workers of older versions take them: such a worker serves the lane, or
     * it is unknown which workers do.
     */
    public boolean hasOlder(LaneId lane) {
        Digest digest = lane.digest();
        List<String> serving = alive().stream()
                .filter(worker -> worker.lanes().contains(digest))
                .map(WorkerNotice::worker)
                .toList();
        return serving.isEmpty() || !newer.containsAll(serving);
    }

    private void hear(Message message) {
        if (message.getSubject().equals(Subjects.ASK_WORKERS)) {
            return;
        }
        try {
            JsonObject json = Json.parse(message.getData()).asObject("notice").only("message", Set.of("v", "notice"));
            json.integer("v", VERSION, VERSION);
            WorkerNotice notice = WorkerNotice.fromJson(json.object("notice"));
            if (message.getHeaders() == null || !message.getHeaders().containsKey(QUEUE)) {
                newer.remove(notice.worker());
            } else if (newer.size() < MOST_NAMES) {
                newer.add(notice.worker());
            }
            String packs = message.hasHeaders() ? message.getHeaders().getFirst(PACKS) : null;
            heard.announce(
                    packs == null ? notice : notice.withPacks(Json.parse(packs).asObject(PACKS)));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "heartbeat under " + message.getSubject() + ": malformed, ignored: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        for (Listening one : new Listening[] {listening, asked}) {
            if (one != null) {
                one.close();
            }
        }
        listening = null;
        asked = null;
    }
}
