package dev.precast.testkit.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A server that was installed, as a process. Closing kills it: what it kept on disk is the test's to look at or to start
 * again on.
 */
public final class RealServer implements AutoCloseable {
    private static final long START_SECONDS = 120;
    private static final long FIND_MINUTES = 10;

    private final Process process;
    private final int port;

    private RealServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * The path of a server.
     *
     * @param name as {@code build/find-server} knows it
     * @throws IllegalStateException if it can be neither found nor installed; says why
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

    /** The checkout that the tests run in. */
    public static Path home() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("build/find-server"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException(
                    "no build/find-server above " + Path.of("").toAbsolutePath());
        }
        return folder;
    }

    /** A port of loopback that nobody listens on now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts a server and waits until it takes connections.
     *
     * @param command the program and its arguments, which make it listen on {@code port} of 127.0.0.1
     * @param environment added to this process's own
     * @param log gets what it prints, after what is there
     */
    public static RealServer start(List<String> command, Map<String, String> environment, int port, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return new RealServer(process, port);
            } catch (IOException notYet) {
                Thread.sleep(20);
            }
        }
        process.destroyForcibly();
        throw new IllegalStateException(command.get(0) + " did not start: " + Files.readString(log));
    }

    public int port() {
        return port;
    }

    /** Kills it at once, as {@code kill -9} does, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Holds it still, as SIGSTOP does. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets it go on. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    @Override
    public void close() {
        kill();
    }
}
