package dev.precast.bench;

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
 * Starts JVMs that are alike but for what they run.
 *
 * @param flags of every JVM
 * @param deadlineSeconds after which one is ended
 */
record ChildJvm(List<String> flags, long deadlineSeconds) {
    /** A system property of children that stay when they are measured. */
    static final String HOLD = "precast.bench.hold";

    /** The same with one flag more. */
    ChildJvm with(String flag) {
        List<String> more = new ArrayList<>(flags);
        more.add(flag);
        return new ChildJvm(more, deadlineSeconds);
    }

    /**
     * Runs {@link Child} and reads its marks.
     *
     * @param more goes on the class path too
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

    /** A child that is measured. */
    record Running(Process process, long start, BufferedReader marks, Deadline deadline) implements AutoCloseable {
        /** Until its first call has returned. */
        Measure measure() throws IOException {
            Mark ready = Mark.read("ready", marks, start);
            Mark called = Mark.read("called", marks, start);
            String[] again = Mark.words("again", 2, marks.readLine());
            String outcome = marks.readLine();
            if (outcome == null) {
                throw new IOException("the child ended before it said how its call ended");
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

        /** A JVM that is trained writes its cache when all is said. */
        void awaitEnd() throws IOException {
            while (marks.readLine() != null) {
                // What it printed is known by its digest.
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

    /** Runs a main class to its end, its output on the error stream. */
    void run(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command(null, main, arguments))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Deadline ignored = Deadline.on(process, deadlineSeconds)) {
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IOException(main.getSimpleName() + " " + arguments + ": exit code " + exit);
            }
        }
    }

    private List<String> command(@Nullable Path more, Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(java()));
        command.addAll(flags);
        // Standard output is for the marks.
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

    static String java() {
        return Path.of(System.getProperty("java.home", ""), "bin", "java").toString();
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
                throw new IOException("expected \"" + expected + "\" from the child, found "
                        + (line == null ? "its end" : "\"" + line + "\""));
            }
            return words;
        }
    }

    /** Ends a process that takes too long. */
    record Deadline(Thread watch) implements AutoCloseable {
        static Deadline on(Process process, long seconds) {
            // A benchmark that is ended leaves no child behind.
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Deadline(Thread.ofVirtual().start(() -> {
                try {
                    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                        process.destroyForcibly();
                    }
                } catch (InterruptedException e) {
                    // It ended in time.
                }
            }));
        }

        @Override
        public void close() {
            watch.interrupt();
        }
    }
}
