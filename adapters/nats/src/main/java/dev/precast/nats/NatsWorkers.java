package dev.precast.nats;

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
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Heartbeats of workers on NATS, {@code {"v":1,"notice":{…}}} under {@code precast.workers.<name>}. The packs are in a
 * header, because older versions refuse bodies with more members. Subscribes at the first call of {@link #alive}; a
 * process that only announces itself does not subscribe.
 *
 * <p>Thread safe.
 */
public final class NatsWorkers implements Workers, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsWorkers.class.getName());
    private static final long VERSION = 1;
    private static final String PACKS = "Precast-Packs";

    private final NatsLink link;
    private final InProcessWorkers heard;
    private @Nullable Listening listening;

    public NatsWorkers(NatsLink link, InstantSource clock) {
        this.link = link;
        this.heard = new InProcessWorkers(clock);
    }

    @Override
    public void announce(WorkerNotice notice) {
        byte[] body = JsonObject.EMPTY
                .with("v", VERSION)
                .with("notice", notice.toJson())
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        try {
            Headers headers = new Headers().put(PACKS, notice.packsToJson().canonical());
            link.send(Subjects.worker(notice.worker()), headers, body);
        } catch (QueueUnavailableException e) {
            LOG.log(Level.DEBUG, "heartbeat not published: " + e.getMessage());
        }
    }

    @Override
    public List<WorkerNotice> alive() {
        listen();
        return heard.alive();
    }

    private synchronized void listen() {
        if (listening == null) {
            listening = new Listening(link, Subjects.WORKERS, this::hear);
        }
    }

    private void hear(Message message) {
        try {
            JsonObject json = Json.parse(message.getData()).asObject("notice").only("message", Set.of("v", "notice"));
            json.integer("v", VERSION, VERSION);
            WorkerNotice notice = WorkerNotice.fromJson(json.object("notice"));
            String packs = message.hasHeaders() ? message.getHeaders().getFirst(PACKS) : null;
            heard.announce(
                    packs == null ? notice : notice.withPacks(Json.parse(packs).asObject(PACKS)));
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "heartbeat under " + message.getSubject() + ": malformed, ignored: " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (listening != null) {
            listening.close();
            listening = null;
        }
    }
}
