package dev.precast.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** A server that {@code build/find-server} finds or installs, a process on a port of 127.0.0.1. */
final class LoopbackServer implements AutoCloseable {
    private static final int START_SECONDS = 30;

    private final Process process;
    private final int port;

    private LoopbackServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one and waits until it takes connections.
     *
     * @param home the checkout
     * @param name as {@code build/find-server} knows it
     * @param arguments that make it listen on a port
     * @param environment added to this process's own
     * @param log gets what it prints
     */
    static LoopbackServer start(
            Path home, String name, IntFunction<List<String>> arguments, Map<String, String> environment, Path log)
            throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(find(home, name)));
        command.addAll(arguments.apply(port));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return new LoopbackServer(process, port);
            } catch (IOException notYet) {
                Thread.sleep(20);
            }
        }
        process.destroyForcibly();
        throw new IOException(name + " did not start, see " + log);
    }

    private static String find(Path home, String name) throws IOException, InterruptedException {
        Process finder = new ProcessBuilder(home.resolve("build/find-server").toString(), name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String path = new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (finder.waitFor() != 0) {
            throw new IOException("build/find-server does not find " + name);
        }
        return path;
    }

    /** A port of loopback that nobody listens on now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }
}
