package dev.precast.api.connection;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A connection that a {@link ConnectionGate} got from Netty, with a clock that stands still. */
final class Accepted extends EmbeddedChannel {
    static final ConnectionLimits LIMITS =
            new ConnectionLimits(3, 2, 3, 2, Duration.ofSeconds(10), Duration.ofSeconds(60));

    private final String address;
    private boolean stuck;

    private Accepted(String address) {
        super(null, DefaultChannelId.newInstance(), false, false);
        this.address = address;
        freezeTime();
    }

    static ConnectionGate gate(SimpleMeterRegistry registry, String proxy, boolean proxyProtocol) {
        return gate(LIMITS, registry, proxy, proxyProtocol);
    }

    static ConnectionGate gate(
            ConnectionLimits limits, SimpleMeterRegistry registry, String proxy, boolean proxyProtocol) {
        ConnectionMetrics metrics = new ConnectionMetrics(registry);
        return new ConnectionGate(
                limits,
                new Proxies(List.of(proxy), proxyProtocol),
                metrics,
                new UnreadBytes(1 << 20, 1 << 14, metrics, Ticker.systemTicker()));
    }

    /** Connects from the address; the connection is closed if the gate refuses it. */
    static Accepted connect(ConnectionGate gate, String address) throws Exception {
        Accepted accepted = new Accepted(address);
        EmbeddedChannel parent = new EmbeddedChannel(gate);
        parent.writeInbound(accepted);
        if (parent.readInbound() != null) {
            accepted.register();
        }
        return accepted;
    }

    Watch watch() {
        return Objects.requireNonNull(attr(Watch.KEY).get());
    }

    ClientRequest begin(ConnectionGate gate, boolean forwarded) {
        ClientRequest begun = new ClientRequest(gate, watch(), watch().source(), forwarded);
        watch().begin(begun);
        return begun;
    }

    void send(String bytes) {
        ByteBuf buffer = Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1);
        writeInbound(buffer);
    }

    void pass(int seconds) {
        advanceTimeBy(seconds, TimeUnit.SECONDS);
        runPendingTasks();
    }

    void hangUp() {
        var unused = close();
    }

    /** The client reads nothing from now on, or everything. */
    void readsNothing(boolean nothing) {
        stuck = nothing;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer written) throws Exception {
        if (!stuck) {
            super.doWrite(written);
        }
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return new InetSocketAddress(address, 4711);
    }
}
