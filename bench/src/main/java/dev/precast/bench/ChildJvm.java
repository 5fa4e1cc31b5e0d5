package dev.precast.bench;

import dev.precast.launcher.Installation;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Starts JVMs with the same settings.
 *
 * @param flags flags of all JVMs
 * @param deadlineSeconds time after which a JVM is killed
 */
record ChildJvm(List<String> flags, long deadlineSeconds) {
    /** Name of a system property; if it is true, the child keeps running after the measurement. */
    static final String HOLD = "precast.bench.hold";

    /** A copy with an additional flag. */
    ChildJvm with(String flag) {
        List<String> more = new ArrayList<>(flags);
        more.add(flag);
        return new ChildJvm(more, deadlineSeconds);
    }

    /**
     * Runs {@link Child} to its end and returns what it measured.
     *
     * @param more additional class path entry; null for none
     */
    Measure measure(@Nullable Path more, List<String> arguments) throws IOException, InterruptedException {
        try (Running child = start(more, arguments)) {
            Measure measure = child.measure();
            child.awaitEnd();
            return measure;
        } catch (IOException e) {
            throw new IOException(arguments.get(0) + ": " + e.getMessage(), e);
        }
    }

    /** Starts {@link Child}. */
    Running start(@Nullable Path more, List<String> arguments) throws IOException {
        List<String> command = command(more, Child.class, arguments);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new Running(
                process,
                start,
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)),
                Deadline.on(process, deadlineSeconds));
    }

    /** A running child. */
    record Running(Process process, long start, BufferedReader marks, Deadline deadline) implements AutoCloseable {
        /** Waits until the first call has returned, and returns what the child measured. */
        Measure measure() throws IOException {
            Mark ready = Mark.read("ready", marks, start);
            Mark called = Mark.read("called", marks, start);
            String[] again = Mark.words("again", 2, marks.readLine());
            String outcome = marks.readLine();
            if (outcome == null) {
                throw new IOException("child: ended before it printed the outcome of its first call");
            }
            return new Measure(
                    ready.ms,
                    ready.sinceUpMs,
                    Long.parseLong(again[1]) / 1e6,
                    ready.memory.peak(),
                    called.ms,
                    called.cpuMs,
                    called.memory.peak(),
                    called.memory.anonymous(),
                    called.memory.file(),
                    outcome.substring("outcome ".length()));
        }

        /** Waits for the end of the child. A JVM in a training run writes its AOT cache when it ends. */
        void awaitEnd() throws IOException {
            while (marks.readLine() != null) {
                // The module's output is not needed: its digest is part of the outcome.
            }
        }

        long pid() {
            return process.pid();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroyForcibly();
            process.waitFor();
            deadline.close();
        }
    }

    /**
     * Runs a main class to its end. Discards its standard output.
     *
     * @param work folder of the service whose local token the class may use
     */
    void run(Class<?> main, List<String> arguments, Workspace work) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(command(null, main, arguments))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        program.environment().put("PRECAST_DATA", Installed.data(work).toString());
        Process process = program.start();
        try (Deadline ignored = Deadline.on(process, deadlineSeconds)) {
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IOException(main.getSimpleName() + " " + arguments + ": exit code " + exit);
            }
        }
    }

    private List<String> command(@Nullable Path more, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Installation.java()));
        command.addAll(flags);
        // Standard output is reserved for the measured times.
        command.add("-Xlog:disable");
        command.add("-Xlog:all=warning:stderr");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        String own = System.getProperty("java.class.path", "");
        command.add(more == null ? own : own + File.pathSeparator + more);
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    private record Mark(double ms, double sinceUpMs, double cpuMs, Memory memory) {
        static Mark read(String expected, BufferedReader marks, long start) throws IOException {
            String[] when = words(expected, 2, marks.readLine());
            double ms = (System.nanoTime() - start) / 1e6;
            String[] used = words("used", 5, marks.readLine());
            return new Mark(
                    ms,
                    Long.parseLong(when[1]) / 1e6,
                    Double.parseDouble(used[1]),
                    Memory.parse(used[2], used[3], used[4]));
        }

        static String[] words(String expected, int count, @Nullable String line) throws IOException {
            String[] words = line == null ? new String[0] : line.split(" ", -1);
            if (words.length != count || !words[0].equals(expected)) {
                throw new IOException("child: expected \"" + expected + "\", found "
                        + (line == null ? "the end of its output" : "\"" + line + "\""));
            }
            return words;
        }
    }

    /** Kills a process at its deadline. */
    record Deadline(Thread watch) implements AutoCloseable {
        static Deadline on(Process process, long seconds) {
            // If the benchmark is killed, the child must not keep running.
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Deadline(Thread.ofVirtual().start(() -> {
                try {
                    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                        process.destroyForcibly();
                    }
                } catch (InterruptedException e) {
                    // The process ended in time.
                }
            }));
        }

        @Override
        public void close() {
            watch.interrupt();
        }
    }
}
