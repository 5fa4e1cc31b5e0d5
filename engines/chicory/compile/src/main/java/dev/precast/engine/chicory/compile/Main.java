package dev.precast.engine.chicory.compile;

import dev.precast.artifact.ModuleDigest;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The command of the engine pack. Each run does one job.
 *
 * <p>{@code compile IN OUT CONFIG ADVISORIES} writes the artifact of IN to OUT; {@code probe ADVISORIES} checks the list
 * of advisories and prints the lanes; {@code check ARTIFACT MODULE} loads all of an artifact, of the module with this
 * digest. Exit codes: 0 done; 65 the module is rejected, or the artifact does not load (the last line on standard error is
 * the reason as JSON); 64 wrong arguments, config or
 * advisories; any other code: the run failed.
 */
final class Main {
    private static final int REJECTED = 65;
    private static final int USAGE = 64;
    private static final int FAILED = 70;

    /**
     * Parsing, validation and compilation recurse once for each level of nested blocks, so the stack is large. The
     * system allocates stack pages only when they are used.
     */
    private static final long STACK_BYTES = 512L << 20;

    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        AtomicInteger exit = new AtomicInteger(FAILED);
        Thread worker = new Thread(null, () -> exit.set(run(args, System.out, System.err)), "compile", STACK_BYTES);
        worker.start();
        worker.join();
        System.out.flush();
        System.exit(exit.get());
    }

    /** Runs a command and returns its exit code. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        try {
            if (args.length == 5 && args[0].equals("compile")) {
                compile(
                        Path.of(args[1]),
                        Path.of(args[2]),
                        ChicoryConfig.parse(Files.readString(Path.of(args[3]))),
                        Advisories.parse(Files.readString(Path.of(args[4]))));
                return 0;
            }
            if (args.length == 2 && args[0].equals("probe")) {
                Advisories.parse(Files.readString(Path.of(args[1])));
                out.println(Probe.lanes().canonical());
                return 0;
            }
            if (args.length == 3 && args[0].equals("check")) {
                ArtifactCheck.of(Path.of(args[1]), ModuleDigest.parse(args[2]));
                return 0;
            }
            err.println("usage: compile IN OUT CONFIG ADVISORIES | probe ADVISORIES | check ARTIFACT MODULE");
            return USAGE;
        } catch (RejectedException e) {
            err.println(JsonObject.EMPTY
                    .with("code", e.code())
                    .with("message", String.valueOf(e.getMessage()))
                    .canonical());
            return REJECTED;
        } catch (JsonException e) {
            err.println("config or advisories: " + e.getMessage());
            return USAGE;
        } catch (IOException | StackOverflowError e) {
            err.println("failed: " + e);
            return FAILED;
        }
    }

    private static void compile(Path in, Path out, ChicoryConfig config, Advisories advisories)
            throws IOException, RejectedException {
        byte[] wasm = Files.readAllBytes(in);
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(out), 1 << 16)) {
            ModuleCompiler.compile(wasm, config, advisories, Set.of()).writeTo(file);
        }
    }
}
