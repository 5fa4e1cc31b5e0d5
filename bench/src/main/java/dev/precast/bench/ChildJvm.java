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
        List<String> command = command(more, Child.class, arguments);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (Deadline ignored = Deadline.on(process, deadlineSeconds);
                BufferedReader marks =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            Mark ready = Mark.read("ready", marks, start);
            Mark called = Mark.read("called", marks, start);
            String outcome = marks.readLine();
            if (outcome == null) {
                throw new IOException("the child ended before it said how its call ended");
            }
            while (marks.readLine() != null) {
                // To its end: a JVM that is trained writes its cache when all is said.
            }
            return new Measure(
                    ready.ms,
                    ready.fromMainMs,
                    ready.rssKib,
                    called.ms,
                    called.fromMainMs,
                    called.cpuMs,
                    called.rssKib,
                    outcome.substring("outcome ".length()));
        } catch (IOException e) {
            throw new IOException(arguments.get(0) + ": " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
            process.waitFor();
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

    private record Mark(double ms, double fromMainMs, double rssKib, double cpuMs) {
        static Mark read(String expected, BufferedReader marks, long start) throws IOException {
            String[] when = words(expected, 2, marks.readLine());
            double ms = (System.nanoTime() - start) / 1e6;
            String[] used = words("used", 3, marks.readLine());
            return new Mark(
                    ms, Long.parseLong(when[1]) / 1e6, Double.parseDouble(used[1]), Double.parseDouble(used[2]));
        }

        private static String[] words(String expected, int count, @Nullable String line) throws IOException {
            String[] words = line == null ? new String[0] : line.split(" ", -1);
            if (words.length != count || !words[0].equals(expected)) {
                throw new IOException("expected \"" + expected + "\" from the child, found "
                        + (line == null ? "its end" : "\"" + line + "\""));
            }
            return words;
        }
    }

    /** Ends a process that takes too long. */
    private record Deadline(Thread watch) implements AutoCloseable {
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
