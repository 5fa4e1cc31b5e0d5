package dev.precast.server;

import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Logs the line with the server's address and lanes. */
@Singleton
final class Announcement {
    private static final Logger LOG = Logger.getLogger("precast");

    private static final Duration LOOK = Duration.ofMillis(5);
    private static final int MAX_LOOKS = 1000;

    private final Lifecycle lifecycle;

    Announcement(Lifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    void listening(@ObservesAsync HttpServerStart start, HttpServer server) throws InterruptedException {
        // The port may be set a moment after the event.
        for (int i = 0; i < MAX_LOOKS && server.getPort() < 0; i++) {
            Thread.sleep(LOOK);
        }
        String host = start.options().getHost();
        LOG.infof(
                "listening on http://%s:%d, %s",
                host.contains(":") ? "[" + host + "]" : host, server.getPort(), lifecycle.describe());
    }
}
