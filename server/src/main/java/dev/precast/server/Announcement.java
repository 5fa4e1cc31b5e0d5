package dev.precast.server;

import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** The one line that says where the server listens and what it offers. */
@Singleton
final class Announcement {
    private static final Logger LOG = Logger.getLogger("precast");

    private final Node node;

    Announcement(Node node) {
        this.node = node;
    }

    void listening(@ObservesAsync HttpServerStart start, HttpServer server) {
        String host = start.options().getHost();
        LOG.infof(
                "listening on http://%s:%d, %s",
                host.contains(":") ? "[" + host + "]" : host, server.getPort(), node.describe());
    }
}
