package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One node of a fleet, a process on a free port of loopback. */
final class FleetNode {
    private static final Pattern LISTENING = Pattern.compile("listening on http://([^,]+),");
    private static final long START_SECONDS = 180;

    private final Process process;
    private final Path log;
    private final RestCalls rest;
    private final URI address;

    private FleetNode(Process process, Path log, URI address) {
        this.process = process;
        this.log = log;
        this.address = address;
        this.rest = new RestCalls(address);
    }

    /**
     * Starts one and waits until it listens.
     *
     * @param data its folder
     * @param options such as {@code -Dprecast.role=api}
     */
    static FleetNode start(Path data, List<String> options) throws IOException, InterruptedException {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        List<String> command = new ArrayList<>(List.of(
                LocalService.JAVA,
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dprecast.port=0",
                "-Dprecast.data=" + data));
        command.addAll(options);
        command.addAll(List.of(
                "-jar",
                LocalService.HOME
                        .resolve("server/target/quarkus-app/quarkus-run.jar")
                        .toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            Matcher listening = LISTENING.matcher(Files.readString(log));
            if (listening.find()) {
                return new FleetNode(process, log, URI.create("http://" + listening.group(1)));
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new IllegalStateException("the node did not start: " + Files.readString(log));
    }

    RestCalls rest() {
        return rest;
    }

    URI address() {
        return address;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    boolean isAlive() {
        return process.isAlive();
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
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Asks it to end, and waits. */
    void stop() {
        process.destroy();
        process.onExit().join();
    }

    /** Holds it still. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets it go on. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }
}
