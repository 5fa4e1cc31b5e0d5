package dev.precast.bench;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.Installation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The child process of an engine pack with its default profile, started as the service does, but without supervision.
 *
 * @param folder the pack's folder
 * @param command the argument vector with placeholders
 * @param config canonical JSON of the default profile
 */
record PackChild(Path folder, List<String> command, String config) {
    static final int HEAP_MB = 2048;

    /** @param packs folder of engine packs, which must contain Chicory's */
    static PackChild of(Path packs) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(packs, "chicory-*")) {
            for (Path folder : folders) {
                JsonObject pack = Json.parse(Files.readAllBytes(folder.resolve("engine.json")))
                        .asObject("engine.json");
                return new PackChild(
                        folder,
                        pack.array("command").stream()
                                .map(word -> word.asString("command"))
                                .toList(),
                        pack.object("profiles").object("default").canonical());
            }
        }
        throw new IOException(packs + ": no pack of Chicory; build it with ./mvnw -DskipTests package");
    }

    /** Runs a child that compiles {@code wasm} in {@code work}; returns the time from its start to its end in ms. */
    double compile(byte[] wasm, Path work) throws IOException, InterruptedException {
        Files.write(work.resolve("in.wasm"), wasm);
        Files.writeString(work.resolve("config.json"), config);
        return time(expanded(), work);
    }

    /** Like {@link #compile}, but the child, with the same flags, compiles with Chicory's default settings. */
    double compileByDefaults(byte[] wasm, Path work) throws IOException, InterruptedException {
        Files.write(work.resolve("in.wasm"), wasm);
        List<String> like = new ArrayList<>(expanded());
        like = new ArrayList<>(like.subList(0, like.indexOf("-jar")));
        like.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path", ""),
                DefaultCompile.class.getName(),
                "in.wasm",
                "out.bin"));
        return time(like, work);
    }

    private List<String> expanded() {
        return command.stream()
                .filter(word -> !word.equals("{aot}"))
                .map(word -> word.replace("{java}", Installation.java())
                        .replace("{pack}", folder.toString())
                        .replace("{heapMb}", Integer.toString(HEAP_MB))
                        .replace("{in}", "in.wasm")
                        .replace("{out}", "out.bin")
                        .replace("{config}", "config.json"))
                .toList();
    }

    private static double time(List<String> command, Path work) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        int exit;
        try {
            exit = process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        if (exit != 0) {
            throw new IOException("compiler child: exit code " + exit + ": " + command);
        }
        return (System.nanoTime() - start) / 1e6;
    }
}
