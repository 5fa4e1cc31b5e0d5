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

/** A server as a child process on loopback. The server ends at {@link #close}, or with this JVM. Thread safe. */
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

    /** Finds the address of a server in its output. */
    @FunctionalInterface
    public interface Listening {
        /**
         * Returns the address, or empty while the server does not listen.
         *
         * @param printed the server's output so far
         */
        Optional<URI> at(String printed) throws IOException;
    }

    /**
     * Starts a server and waits until it listens.
     *
     * @param name the server's name in messages
     * @param program the server's command and environment
     * @param file the log file, to which the server's output is appended; the file's folder must exist
     * @param grace time between SIGTERM and SIGKILL in {@link #close}; if zero, the server gets only SIGKILL
     * @param progress gets a line every two seconds while this method waits
     * @throws StartFailedException if the server ends or does not listen within three minutes
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
     * Runs a server on this process's standard streams until the server ends. A signal that ends this process is passed
     * on to the server, which itself limits the time of its shutdown.
     *
     * @return the server's exit code
     */
    public static int runInForeground(ProcessBuilder program) throws IOException, InterruptedException {
        Process process = program.inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            process.destroy();
            process.onExit().join();
        }));
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

    /** The server's output so far. */
    public String log() throws IOException {
        return log.printed();
    }

    /** Kills the server with SIGKILL and waits for its end. The server's children run until {@link #close}. */
    public void kill() {
        orphans = process.descendants().toList();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Pauses the server with SIGSTOP. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes the server after {@link #pause()}. */
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
     * Stops the server with SIGTERM, and kills it after the grace period. Kills its remaining children.
     *
     * @throws IllegalStateException if the server has a grace period and did not end within it
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

    /** Returns whether the process ended in time. */
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
     * @param from offset in bytes at which this server's output starts
     */
    private record Log(Path file, long from) {
        String printed() throws IOException {
            byte[] all = Files.readAllBytes(file);
            return new String(
                    Arrays.copyOfRange(all, (int) Math.min(from, all.length), all.length), StandardCharsets.UTF_8);
        }
    }
}
