package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.DocumentChanges;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import io.nats.client.Connection;
import io.nats.client.Message;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Announcements on NATS, {@code {"v":1,"document":"trust/policy"}} under {@code precast.changes}. Before a node relies
 * on announcements it sends a probe, {@code {"v":1,"probe":"…"}}, and receives it: so a node whose user may not
 * subscribe, or whose subscription was not renewed yet, does not.
 *
 * <p>Thread safe.
 */
public final class NatsChanges implements DocumentChanges, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsChanges.class.getName());
    private static final long VERSION = 1;
    private static final Set<String> MEMBERS = Set.of("v", "document", "probe");
    /** Time after which a lost probe is sent again. */
    private static final Duration PROBE_AGAIN = Duration.ofSeconds(5);

    private final NatsLink link;
    private final String node = UUID.randomUUID().toString();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Consumer<Connection> watch = this::watch;
    /** Number of events of the connection. Each may mean that announcements were lost. */
    private final AtomicLong period = new AtomicLong();
    /** The last period whose probe came back. */
    private volatile long proven = -1;

    private volatile Probe sent = new Probe(-1, 0);
    private final Listening listening;

    private record Probe(long period, long nanos) {}

    public NatsChanges(NatsLink link) {
        this.link = link;
        link.use(watch);
        this.listening = new Listening(link, Subjects.CHANGES, this::hear);
    }

    private void watch(Connection connection) {
        connection.addConnectionListener((which, event) -> period.incrementAndGet());
        period.incrementAndGet();
    }

    @Override
    public void announce(String name) {
        send("document", name);
    }

    @Override
    public void listen(Consumer<String> listener) {
        listeners.add(listener);
    }

    @Override
    public OptionalLong period() {
        long now = period.get();
        if (!link.isConnected()) {
            return OptionalLong.empty();
        }
        if (proven != now) {
            probe(now);
            return OptionalLong.empty();
        }
        return OptionalLong.of(now);
    }

    private void probe(long now) {
        Probe last = sent;
        long nanos = System.nanoTime();
        if (last.period != now || nanos - last.nanos > PROBE_AGAIN.toNanos()) {
            sent = new Probe(now, nanos);
            send("probe", probeOf(now));
        }
    }

    private String probeOf(long number) {
        return node + "-" + number;
    }

    private void send(String member, String text) {
        byte[] body = JsonObject.EMPTY
                .with("v", VERSION)
                .with(member, text)
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
        try {
            link.send(Subjects.CHANGES, body);
        } catch (QueueUnavailableException e) {
            LOG.log(Level.DEBUG, member + " " + text + ": not announced: " + e.getMessage());
        }
    }

    private void hear(Message message) {
        try {
            JsonObject json = Json.parse(message.getData()).asObject("change").only("change", MEMBERS);
            json.integer("v", VERSION, VERSION);
            if (json.find("document").isPresent()) {
                String name = json.string("document");
                listeners.forEach(listener -> listener.accept(name));
            } else {
                heard(json.string("probe"));
            }
        } catch (IllegalArgumentException e) {
            LOG.log(Level.DEBUG, "change: malformed, ignored: " + e.getMessage());
        }
    }

    private void heard(String probe) {
        long now = period.get();
        if (probe.equals(probeOf(now))) {
            proven = now;
        }
    }

    @Override
    public void close() {
        link.leave(watch);
        listening.close();
    }
}
