package dev.precast.testkit.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * One node of a fleet.
 *
 * @param server the process
 * @param data its data folder, with the local token of an API replica
 * @param rest calls to the process
 */
public record FleetNode(ServerProcess server, Path data, RestCalls rest) {
    FleetNode(ServerProcess server, Path data) {
        this(server, data, new RestCalls(server.address(), data));
    }

    public URI address() {
        return server.address();
    }

    /** The sum of a metric over all its tags; 0 if the node does not have the metric yet. */
    public double metric(String name) throws IOException, InterruptedException {
        return metric(name, "");
    }

    /**
     * The sum of the values of a metric that have a tag; 0 if there are none.
     *
     * @param tag such as {@code outcome="compiled"}
     */
    public double metric(String name, String tag) throws IOException, InterruptedException {
        return new String(rest.send("GET", "/q/metrics", null).body(), UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .map(line -> line.replaceFirst(" # .*", "")) // With tracing, an exemplar follows the value.
                .filter(line -> line.contains(tag))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** The number of modules that this node has compiled and published. */
    public double compiled() throws IOException, InterruptedException {
        return metric("precast_compile_seconds_count", "outcome=\"compiled\"");
    }

    /** Kills the node with SIGKILL. */
    public void kill() {
        server.kill();
    }

    /** Stops the node and waits for its end. */
    public void stop() {
        server.close();
    }
}
