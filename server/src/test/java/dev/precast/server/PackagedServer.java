package dev.precast.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged server as a process of its own, on a free port of loopback. */
final class PackagedServer implements AutoCloseable {
    static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final Pattern LISTENING = Pattern.compile("listening on http://([^,]+),");
    private static final long START_SECONDS = 180;

    private final Process process;
    private final Path log;
    private final URI base;

    private PackagedServer(Process process, Path log, URI base) {
        this.process = process;
        this.log = log;
        this.base = base;
    }

    /** @param options such as {@code -Xmx256m} or {@code -Dprecast.slots=2} */
    static PackagedServer start(Path data, String... options) throws IOException, InterruptedException {
        Path log = Files.createTempFile(data.toAbsolutePath().getParent(), "server", ".log");
        Process process = launch(data, log, options);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < end && process.isAlive()) {
            Matcher listening = LISTENING.matcher(Files.readString(log));
            if (listening.find()) {
                return new PackagedServer(process, log, URI.create("http://" + listening.group(1)));
            }
            Thread.sleep(50);
        }
        process.destroyForcibly();
        throw new IllegalStateException("the server did not start: " + Files.readString(log));
    }

    /** Starts a server that is expected to refuse; what it printed. */
    static Refused refused(Path data, String... options) throws IOException, InterruptedException {
        Path log = Files.createTempFile(data.toAbsolutePath().getParent(), "refused", ".log");
        Process process = launch(data, log, options);
        if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the server started: " + Files.readString(log));
        }
        return new Refused(process.exitValue(), Files.readString(log));
    }

    record Refused(int exitCode, String printed) {}

    private static Process launch(Path data, Path log, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-Dprecast.data=" + data, "-Dprecast.port=0"));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", "target/quarkus-app/quarkus-run.jar"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    URI base() {
        return base;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Largest resident memory so far, in KiB; from Linux's /proc. */
    long peakKiB() throws IOException {
        try (BufferedReader status = Files.newBufferedReader(Path.of("/proc/" + process.pid() + "/status"))) {
            return status.lines()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException("the server did not end when told to");
        }
    }
}
