package dev.precast.cli;

import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The embedded service as a separate process. {@link #close} stops it, and kills it if it does not stop in time. */
final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int SHOWN = 10;

    private final Process process;
    private final URI address;
    private final Path log;

    private ServerProcess(Process process, URI address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /**
     * The command of {@code precast serve}. Uses the installation's packs unless the environment or a setting names
     * others.
     *
     * @param settings {@code name=value}; the last of two with the same name is used
     */
    static List<String> command(Surroundings around, Installation installation, List<String> settings) {
        List<String> command = new ArrayList<>(List.of(Installation.java()));
        if (around.variable("PRECAST_PACKS_FOLDER").isEmpty()) {
            command.add("-Dprecast.packs.folder=" + installation.packs());
        }
        settings.forEach(setting -> command.add("-D" + setting));
        command.add("-jar");
        command.add(Installation.built(installation.serverJar()).toString());
        return command;
    }

    /** Starts a service on a free port with its own data folder, and waits until it is ready. */
    static ServerProcess start(Surroundings around, Installation installation, Path data) throws IOException {
        int port = freePort();
        Path log = data.resolve("server.log");
        Process process = new ProcessBuilder(
                        command(around, installation, List.of("precast.port=" + port, "precast.data=" + data)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        ServerProcess server = new ServerProcess(process, URI.create("http://127.0.0.1:" + port), log);
        try {
            server.awaitReady();
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    URI address() {
        return address;
    }

    private void awaitReady() throws IOException {
        ServiceClient service = ServiceClient.builder(address).withoutBackOff().build();
        long end = System.nanoTime() + START.toNanos();
        while (System.nanoTime() < end) {
            if (!process.isAlive()) {
                throw new CommandFailed(Exit.UNREACHABLE, "server-ended", "service: ended during its start" + said());
            }
            try {
                if (service.probe("/q/health/ready").status() == 200) {
                    return;
                }
            } catch (ServiceException e) {
                // The service does not listen yet.
            }
            pause();
        }
        throw new CommandFailed(
                Exit.UNREACHABLE, "server-slow", "service: not ready within " + START.toSeconds() + " s" + said());
    }

    /** The end of the service's log, for messages, because the log is deleted with its folder. */
    private String said() throws IOException {
        List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                .lines()
                .toList();
        return lines.isEmpty()
                ? "; its log is empty"
                : "; its log ends with:\n"
                        + String.join("\n", lines.subList(Math.max(0, lines.size() - SHOWN), lines.size()));
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(Exit.OTHER, "interrupted", "interrupted", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
