package dev.precast.api.connection;

import dev.precast.cache.SeldomWarning;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decides which connections and requests exceed a limit. Netty calls it for each accepted connection, before any byte is
 * read. Thread safe.
 *
 * <p>Connections from loopback are limited in total only, since all local programs share that address.
 */
@ChannelHandler.Sharable
public final class ConnectionGate extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(ConnectionGate.class.getName());

    private final ConnectionLimits limits;
    private final Proxies proxies;
    private final ConnectionMetrics metrics;
    private final UnreadBytes unread;
    private final Semaphore places;
    private final Counts addresses = new Counts();
    private final Counts tokens = new Counts();
    private final SeldomWarning refusals = new SeldomWarning(LOG);
    private final AtomicInteger requests = new AtomicInteger();

    public ConnectionGate(ConnectionLimits limits, Proxies proxies, ConnectionMetrics metrics, UnreadBytes unread) {
        this.limits = limits;
        this.proxies = proxies;
        this.metrics = metrics;
        this.unread = unread;
        this.places = new Semaphore(limits.total());
        metrics.open(this::open);
    }

    /** Number of open connections. */
    int open() {
        return limits.total() - places.availablePermits();
    }

    /** Number of requests in progress, which counts requests whose answer is not yet sent. */
    int requests() {
        return requests.get();
    }

    /** Counts a request. Call {@link #released} once for it. */
    void begun() {
        requests.incrementAndGet();
    }

    void released() {
        requests.decrementAndGet();
    }

    ConnectionLimits limits() {
        return limits;
    }

    ConnectionMetrics metrics() {
        return metrics;
    }

    UnreadBytes unread() {
        return unread;
    }

    Counts addresses() {
        return addresses;
    }

    Counts tokens() {
        return tokens;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Channel accepted && !admit(accepted)) {
            accepted.unsafe().closeForcibly();
        } else {
            context.fireChannelRead(message);
        }
    }

    private boolean admit(Channel accepted) {
        if (!(accepted.remoteAddress() instanceof InetSocketAddress socket)) {
            return false; // closed already
        }
        InetAddress peer = socket.getAddress();
        if (!places.tryAcquire()) {
            refuse(peer, limits.total(), ConnectionMetrics.Refused.TOTAL);
            return false;
        }
        boolean proxy = proxies.contains(peer);
        if ((proxy || !peer.isLoopbackAddress()) && !enter(accepted, peer)) {
            places.release();
            return false;
        }
        accepted.closeFuture().addListener(closed -> places.release());
        if (proxy && proxies.proxyProtocol()) {
            accepted.pipeline().addLast(new HAProxyMessageDecoder());
        }
        accepted.pipeline().addLast(new Watch(this, peer));
        return true;
    }

    /** Counts a connection for the address until the connection closes; false if the address has too many. */
    boolean enter(Channel channel, InetAddress address) {
        boolean proxy = proxies.contains(address);
        int most = proxy ? limits.perProxy() : limits.perAddress();
        String name = proxy ? NetUtil.toAddressString(address) + " (proxy)" : Counts.client(address);
        if (!addresses.enter(name, most)) {
            refuse(address, most, proxy ? ConnectionMetrics.Refused.PROXY : ConnectionMetrics.Refused.ADDRESS);
            return false;
        }
        channel.closeFuture().addListener(closed -> addresses.leave(name));
        return true;
    }

    private void refuse(InetAddress address, int most, ConnectionMetrics.Refused reason) {
        metrics.count(reason);
        String scope = reason == ConnectionMetrics.Refused.TOTAL ? "" : "-per-" + reason.label();
        refusals.log("connection of " + NetUtil.toAddressString(address) + ": refused (expected at most " + most
                + " open ones); if the clients are welcome, raise precast.http.max-connections" + scope);
    }

    /** Logs that a proxy sent no valid header of the PROXY protocol. */
    void refuseHeader(InetAddress proxy) {
        metrics.count(ConnectionMetrics.Refused.HEADER);
        refusals.log("connection of proxy " + NetUtil.toAddressString(proxy)
                + ": refused (expected a header of the PROXY protocol); make the proxy send it, or unset "
                + "precast.http.proxy-protocol");
    }

    /**
     * Counts a request that has begun. Call on the connection's event loop, and call {@link ClientRequest#end} once.
     *
     * @throws IllegalStateException if the connection did not pass this gate
     */
    public ClientRequest begin(HttpServerRequest request) {
        Watch watch = GatedTransport.channel(request).attr(Watch.KEY).get();
        if (watch == null) {
            throw new IllegalStateException("connection: did not pass the gate; is its service file missing?");
        }
        InetAddress source = watch.source();
        boolean forwarded = proxies.contains(source);
        InetAddress client =
                forwarded ? proxies.client(source, request.headers().getAll("Forwarded")) : source;
        ClientRequest begun = new ClientRequest(this, watch, client, forwarded);
        watch.begin(begun);
        return begun;
    }
}
