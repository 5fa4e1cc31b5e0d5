package dev.precast.launcher;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A server as a child process on loopback. It ends when it is closed, at the latest with this JVM. Thread safe. */
public final class ServerProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration PROGRESS = Duration.ofSeconds(2);
    private static final long LOOK_MILLIS = 20;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroy)));
    }

    private final String name;
    private final Process process;
    private final URI address;
    private final Log log;
    private final Duration grace;
    private volatile List<ProcessHandle> orphans = List.of();

    private ServerProcess(String name, Process process, URI address, Log log, Duration grace) {
        this.name = name;
        this.process = process;
        this.address = address;
        this.log = log;
        this.grace = grace;
    }

    /** Tells where a server listens. */
    @FunctionalInterface
    public interface Listening {
        /**
         * Returns the address, or empty while the server does not listen.
         *
         * @param printed what the server has printed so far
         */
        Optional<URI> at(String printed) throws IOException;
    }

    /**
     * Starts a server and waits until it listens.
     *
     * @param name for messages
     * @param program its command and environment
     * @param file the log, to which its output is appended; its folder must exist
     * @param grace how long closing waits after SIGTERM before it kills; zero kills at once
     * @param progress gets a line every two seconds while this waits
     * @throws StartFailedException if it ends or does not listen within three minutes
     */
    public static ServerProcess start(
            String name,
            ProcessBuilder program,
            Path file,
            Listening listening,
            Duration grace,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        Log log = new Log(file, Files.exists(file) ? Files.size(file) : 0);
        long begin = System.nanoTime();
        Process process = program.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(file.toFile()))
                .start();
        RUNNING.add(process);
        try {
            Duration told = Duration.ZERO;
            while (true) {
                boolean alive = process.isAlive();
                Optional<URI> address = listening.at(log.printed());
                Duration waited = Duration.ofNanos(System.nanoTime() - begin);
                if (alive && address.isPresent()) {
                    return new ServerProcess(name, process, address.get(), log, grace);
                }
                if (!alive || waited.compareTo(START) > 0) {
                    throw new StartFailedException(
                            name, alive ? OptionalInt.empty() : OptionalInt.of(process.exitValue()), log.printed());
                }
                if (waited.minus(told).compareTo(PROGRESS) >= 0) {
                    told = waited;
                    progress.accept(name + ": starting, " + waited.toSeconds() + " s so far");
                }
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (IOException | RuntimeException | InterruptedException e) {
            process.destroyForcibly();
            RUNNING.remove(process);
            throw e;
        }
    }

    /**
     * Runs a server on this process's standard streams until it ends. A signal that ends this process ends the server.
     *
     * @param grace how long this process, when it is ended, waits for the server before it kills it
     * @return its exit code
     */
    public static int runInForeground(ProcessBuilder program, Duration grace) throws IOException, InterruptedException {
        Process process = program.inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, grace)));
        return process.waitFor();
    }

    public Process process() {
        return process;
    }

    public URI address() {
        return address;
    }

    public int port() {
        return address.getPort();
    }

    /** What it has printed. */
    public String log() throws IOException {
        return log.printed();
    }

    /** Kills it as {@code kill -9} does, and waits until it is gone. Its children stay until this is closed. */
    public void kill() {
        orphans = process.descendants().toList();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Suspends it, as SIGSTOP does. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Continues it after {@link #pause()}. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /**
     * Asks it to end and waits; after the grace period, kills it. Kills children that it leaves.
     *
     * @throws IllegalStateException if it had to be killed although it has a grace period
     */
    @Override
    public void close() {
        if (process.isAlive()) {
            orphans = process.descendants().toList();
        }
        boolean ended = end(process, grace);
        orphans.forEach(ProcessHandle::destroyForcibly);
        RUNNING.remove(process);
        if (!ended && !grace.isZero()) {
            throw new IllegalStateException(
                    name + ": still running " + grace.toSeconds() + " s after SIGTERM; it was killed");
        }
    }

    /** Returns whether it ended by itself. */
    private static boolean end(Process process, Duration grace) {
        boolean ended = false;
        try {
            if (!grace.isZero()) {
                process.destroy();
            }
            ended = process.waitFor(grace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        process.onExit().join();
        return ended;
    }

    /**
     * A log that servers append to.
     *
     * @param from where the output of this server begins, in bytes
     */
    private record Log(Path file, long from) {
        String printed() throws IOException {
            byte[] all = Files.readAllBytes(file);
            return new String(
                    Arrays.copyOfRange(all, (int) Math.min(from, all.length), all.length), StandardCharsets.UTF_8);
        }
    }
}
