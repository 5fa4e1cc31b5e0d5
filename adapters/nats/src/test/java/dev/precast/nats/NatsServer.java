package dev.precast.nats;

import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A real nats-server with JetStream in a folder; it can be killed and started again on the same port. */
final class NatsServer implements AutoCloseable {
    private final Path folder;
    private final List<String> command;
    private final int port;
    private ServerProcess server;

    private NatsServer(Path folder, List<String> command, int port, ServerProcess server) {
        this.folder = folder;
        this.command = command;
        this.port = port;
        this.server = server;
    }

    /** @param more arguments */
    static NatsServer start(Path folder, String... more) throws IOException, InterruptedException {
        int port = RealServer.freePort();
        List<String> command = new ArrayList<>(List.of(
                RealServer.find("nats-server"),
                "--addr",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--jetstream",
                "--store_dir",
                folder.resolve("jetstream").toString()));
        command.addAll(List.of(more));
        return new NatsServer(folder, command, port, run(folder, command, port));
    }

    private static ServerProcess run(Path folder, List<String> command, int port)
            throws IOException, InterruptedException {
        return RealServer.start(command, Map.of(), port, folder.resolve("nats-server.log"));
    }

    /** Patient, since the machine of a test may stand still for seconds. */
    NatsConfig config() {
        return config("nats");
    }

    NatsConfig config(String scheme) {
        return NatsConfig.of(URI.create(scheme + "://127.0.0.1:" + port))
                .withTimes(Duration.ofSeconds(8), Duration.ofSeconds(60));
    }

    NatsLink link() throws InterruptedException {
        return NatsLink.open(config());
    }

    ServerProcess process() {
        return server;
    }

    void kill() {
        server.kill();
    }

    void startAgain() throws IOException, InterruptedException {
        server = run(folder, command, port);
    }

    /** What was stored is gone. */
    void startAgainEmpty() throws IOException, InterruptedException {
        try (Stream<Path> files = Files.walk(folder.resolve("jetstream"))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        startAgain();
    }

    @Override
    public void close() {
        server.close();
    }
}
