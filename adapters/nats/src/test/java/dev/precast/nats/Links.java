package dev.precast.nats;

import dev.precast.testkit.server.NatsServer;
import java.net.URI;
import java.time.Duration;

/** Links to a test's server, with long timeouts, since a test machine may pause for seconds. */
final class Links {
    private Links() {}

    static NatsConfig config(NatsServer server) {
        return config(server, "nats");
    }

    static NatsConfig config(NatsServer server, String scheme) {
        return NatsConfig.of(URI.create(scheme + "://127.0.0.1:" + server.port()))
                .withTimes(Duration.ofSeconds(8), Duration.ofSeconds(60));
    }

    /** The config for the user of a role, for a server with roles. */
    static NatsConfig ofRole(NatsServer server, String role) {
        return config(server).withLogin(new NatsLogin.UserPassword(role, NatsServer.password(role)), "_INBOX." + role);
    }

    static NatsLink to(NatsServer server) throws InterruptedException {
        return NatsLink.open(config(server));
    }
}
