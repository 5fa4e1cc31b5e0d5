package dev.precast.testkit.server;

import dev.precast.launcher.Installation;
import dev.precast.launcher.PrecastServer;
import dev.precast.launcher.ServerProcess;
import dev.precast.launcher.StartFailedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Starts real servers on loopback. */
public final class RealServer {
    private static final long FIND_MINUTES = 10;

    private RealServer() {}

    /**
     * Finds the program of a server.
     *
     * @param name the name for {@code build/find-server}
     * @throws IllegalStateException if the server can be neither found nor installed; the message says why
     */
    public static String find(String name) throws IOException, InterruptedException {
        Path log = Files.createTempFile("find-server", ".log");
        try {
            Process finder = new ProcessBuilder(
                            home().resolve("build/find-server").toString(), name)
                    .redirectError(log.toFile())
                    .start();
            String path = new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            if (!finder.waitFor(FIND_MINUTES, TimeUnit.MINUTES) || finder.exitValue() != 0) {
                throw new IllegalStateException(Files.readString(log));
            }
            return path;
        } finally {
            Files.delete(log);
        }
    }

    /** The root folder of the checkout. */
    public static Path home() {
        return Installation.current().home();
    }

    /** A free port on loopback. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts a server and waits until it accepts connections. Closing kills it and leaves its files.
     *
     * @param command the program and its arguments, which make it listen on {@code port} of 127.0.0.1
     * @param environment variables to add to this process's environment
     * @param log the server's output is appended to this file
     */
    public static ServerProcess start(List<String> command, Map<String, String> environment, int port, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(command);
        program.environment().putAll(environment);
        return ServerProcess.start(
                String.valueOf(Path.of(command.getFirst()).getFileName()),
                program,
                log,
                printed -> accepting(port),
                Duration.ZERO,
                line -> {});
    }

    private static Optional<URI> accepting(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
            return Optional.of(URI.create("tcp://127.0.0.1:" + port));
        } catch (IOException notYet) {
            return Optional.empty();
        }
    }

    /** Deletes a folder with everything in it. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /**
     * Starts the packaged server of this checkout on a free port and waits until it listens. JVM options make the start
     * short, so do not use this method for measurements.
     *
     * @param data the data folder of the server; the log is beside this folder
     * @param options JVM options, such as {@code -Xmx256m} or {@code -Dprecast.slots=2}
     */
    public static ServerProcess precast(Path data, String... options) throws IOException, InterruptedException {
        Installation installation = Installation.current();
        List<String> all = new ArrayList<>(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // The first server that ends writes its loaded classes there; later servers start with half the CPU
                // time.
                "-XX:+AutoCreateSharedArchive",
                "-XX:SharedArchiveFile=" + installation.home().resolve("server/target/tests.jsa")));
        all.addAll(List.of(options));
        return PrecastServer.start(installation, data, all, line -> {});
    }

    /**
     * Expects that the packaged server refuses to start with these options; returns why.
     *
     * @throws IllegalStateException if the server starts
     */
    public static StartFailedException refused(Path data, String... options) throws IOException, InterruptedException {
        try (ServerProcess started = precast(data, options)) {
            throw new IllegalStateException("server: expected a refusal to start, but it started:\n" + started.log());
        } catch (StartFailedException e) {
            return e;
        }
    }
}
