package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One node of a fleet, a process on a free port of loopback. */
final class FleetNode {
    private static final List<String> SMALL = List.of("-Xmx256m");

    private final ServerProcess server;
    private final RestCalls rest;

    private FleetNode(ServerProcess server) {
        this.server = server;
        this.rest = new RestCalls(server.address());
    }

    /**
     * Starts one and waits until it listens.
     *
     * @param data its folder
     * @param options such as {@code -Dprecast.role=api}
     */
    static FleetNode start(Path data, List<String> options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(SMALL);
        all.addAll(options);
        return new FleetNode(RealServer.precast(data, all.toArray(String[]::new)));
    }

    RestCalls rest() {
        return rest;
    }

    URI address() {
        return server.address();
    }

    String log() throws IOException {
        return server.log();
    }

    boolean isAlive() {
        return server.process().isAlive();
    }

    /** The sum of a metric over its tags. */
    double metric(String name) throws IOException, InterruptedException {
        return metric(name, "");
    }

    /** The same of those that have the tag {@code name="value"}. */
    double metric(String name, String tag) throws IOException, InterruptedException {
        return new String(rest.send("GET", "/q/metrics", null).body(), UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .filter(line -> line.contains(tag))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** How many modules it has compiled and published. */
    double compiled() throws IOException, InterruptedException {
        return metric("precast_compile_seconds_count", "outcome=\"compiled\"");
    }

    /** As {@code kill -9} does. */
    void kill() {
        server.kill();
    }

    /** Asks it to end, and waits. */
    void stop() {
        server.close();
    }

    /** Holds it still. */
    void pause() throws IOException, InterruptedException {
        server.pause();
    }

    /** Lets it go on. */
    void resume() throws IOException, InterruptedException {
        server.resume();
    }
}
