package dev.precast.server;

import dev.precast.protocol.LocalToken;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Writes the file of the local token, then logs the line with the server's address and lanes. */
@Singleton
final class Announcement {
    private static final Logger LOG = Logger.getLogger("precast");

    private static final Duration LOOK = Duration.ofMillis(5);
    private static final int MAX_LOOKS = 1000;

    private final Lifecycle lifecycle;
    private final DataFolder data;
    private final Optional<LocalToken> token;

    Announcement(Lifecycle lifecycle, DataFolder data, Optional<LocalToken> token) {
        this.lifecycle = lifecycle;
        this.data = data;
        this.token = token;
    }

    void listening(@ObservesAsync HttpServerStart start, HttpServer server) throws InterruptedException {
        // The port may be set a moment after the event.
        for (int i = 0; i < MAX_LOOKS && server.getPort() < 0; i++) {
            Thread.sleep(LOOK);
        }
        String host = start.options().getHost();
        URI address = URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.getPort());
        token.ifPresent(given -> write(given, address));
        LOG.infof("listening on %s, %s", address, lifecycle.describe());
    }

    private void write(LocalToken given, URI address) {
        try {
            KeyFiles.writeSecret(data.localToken(), given.line(address));
        } catch (UncheckedIOException e) {
            LOG.errorf(
                    "local token %s: cannot be written (%s), so callers have only the role read; make the data "
                            + "folder writable and restart",
                    data.localToken(), e.getCause());
        }
    }
}
