package dev.precast.cli;

import dev.precast.json.JsonObject;
import dev.precast.launcher.Installation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the benchmarks' measured child process once and reads its measurements. */
record FreshJvm(Path benchJar) {
    /**
     * The measurements of a run.
     *
     * @param readyMs time from the start of the process until the module could be instantiated
     * @param doneMs time until the command had ended
     * @param cpuMs CPU time of all threads
     * @param rssKib maximum resident size in KiB
     * @param outcome how the command ended
     * @param printed the module's output
     */
    record Run(long readyMs, long doneMs, long cpuMs, long rssKib, String outcome, String printed) {
        JsonObject toJson() {
            return JsonObject.EMPTY
                    .with("readyMs", readyMs)
                    .with("doneMs", doneMs)
                    .with("cpuMs", cpuMs)
                    .with("rssBytes", rssKib * 1024)
                    .with("outcome", outcome)
                    .with("printed", printed);
        }
    }

    /**
     * @param words arguments of the child: mode, file, digest, folder, service, root, an empty text in place of a
     *     library, then the module's arguments
     */
    Run run(List<String> words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Installation.java(), "--enable-native-access=ALL-UNNAMED", "-jar", benchJar.toString(), "child"));
        command.addAll(words);
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        try (BufferedReader marks =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            mark("ready", marks.readLine());
            long ready = System.nanoTime();
            mark("used", marks.readLine());
            mark("called", marks.readLine());
            long done = System.nanoTime();
            String[] used = mark("used", marks.readLine());
            mark("again", marks.readLine());
            String[] outcome = mark("outcome", marks.readLine());
            String[] printed = mark("printed", marks.readLine());
            return new Run(
                    (ready - start) / 1_000_000,
                    (done - start) / 1_000_000,
                    Long.parseLong(used[1]),
                    Long.parseLong(used[2]),
                    outcome[1] + " " + outcome[2],
                    new String(Base64.getDecoder().decode(printed[1]), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IOException(words.get(0) + ": " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static String[] mark(String expected, @Nullable String line) throws IOException {
        String[] words = line == null ? new String[] {""} : line.split(" ", -1);
        if (!words[0].equals(expected)) {
            throw new IOException("child: expected \"" + expected + "\", found "
                    + (line == null ? "the end of its output" : "\"" + line + "\""));
        }
        return words;
    }
}
