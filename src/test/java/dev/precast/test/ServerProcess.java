package dev.precast.test;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged server, a process on a free port of loopback. */
record ServerProcess(Process process, URI address, Path logFile) implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on http://([^,]+),");
    private static final long START_SECONDS = 180;
    private static final long END_SECONDS = 60;

    /**
     * Starts one and waits until it listens.
     *
     * @param data its folder; what it prints goes into a file beside it
     * @param options of the JVM, such as {@code -Dprecast.role=api}
     */
    static ServerProcess start(Path data, List<String> options) throws IOException, InterruptedException {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        List<String> command =
                new ArrayList<>(List.of(LocalService.JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Dprecast.port=0", "-Dprecast.data=" + data));
        command.addAll(options);
        command.add("-jar");
        command.add(LocalService.HOME
                .resolve("server/target/quarkus-app/quarkus-run.jar")
                .toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            return new ServerProcess(process, address(process, log), log);
        } catch (RuntimeException | IOException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI address(Process process, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            Matcher listening = LISTENING.matcher(Files.readString(log));
            if (listening.find()) {
                return URI.create("http://" + listening.group(1));
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException("the server did not start: " + Files.readString(log));
    }

    /** What it has printed. */
    String log() throws IOException {
        return Files.readString(logFile);
    }

    /** As {@code kill -9} does. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Asks it to end, waits, and insists after a while. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }
}
