package dev.precast.api.connection;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.quarkus.arc.Arc;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.spi.VertxServiceProvider;

/**
 * Puts the {@link ConnectionGate} between Netty and Vert.x, which has no hook for new connections of its own. The only
 * class that knows internal classes of Vert.x.
 */
public final class GatedTransport extends JDKTransport implements VertxServiceProvider {
    @Override
    public void init(VertxBuilder builder) {
        builder.findTransport(this);
    }

    @Override
    public void configure(NetServerOptions options, boolean domainSocket, ServerBootstrap bootstrap) {
        super.configure(options, domainSocket, bootstrap);
        // Vert.x creates this object before the beans exist, but calls this method when the server starts to listen.
        bootstrap.handler(Arc.container().instance(ConnectionGate.class).get());
    }

    static Channel channel(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channel();
    }
}
