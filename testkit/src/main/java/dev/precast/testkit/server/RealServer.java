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

/** An installed server as a process. {@link #close} kills it; its files stay for the test. */
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
     * Finds the program of a server.
     *
     * @param name as {@code build/find-server} knows it
     * @throws IllegalStateException if it can be neither found nor installed; the message says why
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

    /** The folder of the checkout. */
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

    /** A free port on loopback. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts a server and waits until it accepts connections.
     *
     * @param command the program and its arguments, which make it listen on {@code port} of 127.0.0.1
     * @param environment added to this process's own
     * @param log the server's output is appended to this file
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

    /** Kills the server like {@code kill -9} and waits for its end. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Pauses the server with SIGSTOP. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes the server. */
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
