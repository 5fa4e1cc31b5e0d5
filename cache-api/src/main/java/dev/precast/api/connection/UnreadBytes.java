package dev.precast.api.connection;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.connection.ConnectionMetrics.Expired;
import dev.precast.cache.SeldomWarning;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the bytes of answers that clients have not read: their total, and the time that a client takes to read them.
 * Counts a byte from its write to a connection until the operating system has taken it. A connection over a limit is
 * closed. A thread looks for slow clients every second.
 *
 * <p>Thread safe.
 */
public final class UnreadBytes implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(UnreadBytes.class.getName());
    /** Time in which any rate is accepted. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private final long most;
    private final long bytesPerSecond;
    private final ConnectionMetrics metrics;
    private final Ticker ticker;
    private final AtomicLong total = new AtomicLong();
    /** The connections with unread bytes. */
    private final Set<Backlog> backlogs = ConcurrentHashMap.newKeySet();

    private final SeldomWarning warnings = new SeldomWarning(LOG);
    private final EverySecond watch;

    /**
     * @param most maximum number of unread bytes of all connections. Beyond it, the connection whose client has read
     *     nothing for the longest time is closed.
     * @param bytesPerSecond minimum rate at which a client must read, after {@link #GRACE}
     * @throws IllegalArgumentException if a number is below 1
     */
    public UnreadBytes(long most, long bytesPerSecond, ConnectionMetrics metrics, Ticker ticker) {
        if (most < 1 || bytesPerSecond < 1) {
            throw new IllegalArgumentException("unread bytes: expected a maximum and a rate of at least 1, found "
                    + most + " and " + bytesPerSecond);
        }
        this.most = most;
        this.bytesPerSecond = bytesPerSecond;
        this.metrics = metrics;
        this.ticker = ticker;
        metrics.unread(total::get);
        this.watch = new EverySecond("slow-readers", this::closeSlow);
    }

    /** Closes the connections of clients that read too slowly. */
    void closeSlow() {
        long now = ticker.read();
        for (Backlog backlog : backlogs) {
            if (backlog.isSlow(now) && backlog.close(Expired.ANSWER)) {
                warnings.log(
                        backlog + ": closed, its client read an answer too slowly (expected at least " + bytesPerSecond
                                + " bytes per second); if the client is welcome, lower precast.http.min-read-rate");
            }
        }
    }

    private void closeIdlest() {
        backlogs.stream().min(Comparator.comparingLong(Backlog::readAt)).ifPresent(idlest -> {
            if (idlest.close(Expired.UNREAD)) {
                warnings.log(idlest + ": closed, since clients have not read their answers (expected at most " + most
                        + " unread bytes); if the clients are welcome, raise precast.http.max-unread");
            }
        });
    }

    /**
     * The unread bytes of a new connection.
     *
     * @param context closes the connection at once: the HTTP server's own handlers first wait until everything is sent
     */
    Backlog of(ChannelHandlerContext context) {
        return new Backlog(context);
    }

    @Override
    public void close() {
        watch.close();
    }

    /** The unread bytes of one connection. Thread safe. */
    final class Backlog {
        private final ChannelHandlerContext context;
        private long bytes;
        /** Bytes written since the client had last read everything. */
        private long written;
        /** When the client had last read everything. */
        private long since;

        private volatile long readAt;
        private boolean closed;

        private Backlog(ChannelHandlerContext context) {
            this.context = context;
        }

        @Override
        public String toString() {
            return "connection of " + context.channel().remoteAddress();
        }

        /** Bytes were written. */
        void add(long more) {
            synchronized (this) {
                if (closed) {
                    return;
                }
                if (bytes == 0) {
                    since = ticker.read();
                    readAt = since;
                    written = 0;
                    backlogs.add(this);
                }
                bytes += more;
                written += more;
            }
            if (total.addAndGet(more) > most) {
                closeIdlest();
            }
        }

        /** Bytes were read, or the connection is closed. */
        synchronized void remove(long less) {
            if (closed) {
                return;
            }
            bytes -= less;
            readAt = ticker.read();
            total.addAndGet(-less);
            if (bytes == 0) {
                backlogs.remove(this);
            }
        }

        private long readAt() {
            return readAt;
        }

        private synchronized boolean isSlow(long now) {
            long allowed = GRACE.toNanos() + written * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            return bytes > 0 && now - since > allowed;
        }

        /** Closes the connection; false if it is closed, or has no unread bytes any more. */
        private boolean close(Expired why) {
            synchronized (this) {
                if (closed || bytes == 0) {
                    return false;
                }
                closed = true;
                backlogs.remove(this);
                total.addAndGet(-bytes);
            }
            metrics.count(why);
            // Resets the connection, so that the operating system drops its buffers too.
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            var unused = context.close(); // nothing follows
            return true;
        }
    }
}
