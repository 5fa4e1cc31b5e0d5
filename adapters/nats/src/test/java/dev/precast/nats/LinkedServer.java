package dev.precast.nats;

import dev.precast.testkit.server.NatsServer;
import dev.precast.testkit.server.RealServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real NATS server and a link to it, which the tests of one class share. */
final class LinkedServer implements BeforeAllCallback, AfterAllCallback {
    private Path folder = Path.of("");
    private @Nullable NatsServer server;
    private @Nullable NatsLink link;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        folder = Files.createTempDirectory("precast-nats");
        server = NatsServer.start(folder);
        link = Links.to(server);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        link().close();
        server().close();
        RealServer.delete(folder);
    }

    NatsServer server() {
        return Objects.requireNonNull(server);
    }

    NatsLink link() {
        return Objects.requireNonNull(link);
    }
}
