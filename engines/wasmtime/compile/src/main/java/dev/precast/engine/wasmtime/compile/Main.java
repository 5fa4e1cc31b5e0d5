package dev.precast.engine.wasmtime.compile;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Target;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The command of the engine pack. Each run does one job.
 *
 * <p>{@code compile LIBRARY IN OUT CONFIG TARGET} writes the artifact of IN to OUT; {@code probe LIBRARY ENGINE.JSON}
 * prints the lanes. {@code try LIBRARY PROFILE} and {@code describe LIBRARY VERSION PROFILE…} are for
 * {@code make-pack}: {@code try} fails if the library does not support the profile; {@code describe} prints
 * {@code engine.json}. Exit codes: 0 done; 65 the module is rejected (the last line on standard error is the reason as
 * JSON); 64 wrong arguments, config or library; any other code: the run failed. Wasmtime may also abort the process.
 */
final class Main {
    private static final int REJECTED = 65;
    private static final int USAGE = 64;
    private static final int FAILED = 70;

    private Main() {}

    public static void main(String[] args) {
        int exit = run(args, System.out, System.err);
        System.out.flush();
        System.exit(exit);
    }

    /** Runs a command and returns its exit code. */
    static int run(String[] args, PrintStream out, PrintStream err) {
        try {
            return run(List.of(args), out, err);
        } catch (RejectedException e) {
            err.println(JsonObject.EMPTY
                    .with("code", e.code())
                    .with("message", String.valueOf(e.getMessage()))
                    .canonical());
            return REJECTED;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return USAGE;
        } catch (IOException e) {
            err.println("failed: " + e);
            return FAILED;
        }
    }

    private static int run(List<String> args, PrintStream out, PrintStream err) throws IOException, RejectedException {
        String command = args.isEmpty() ? "" : args.get(0);
        if (command.equals("compile") && args.size() == 6) {
            CompileConfig config = CompileConfig.parse(Files.readString(Path.of(args.get(4))));
            try (ModuleCompiler compiler = new ModuleCompiler(library(args), config, new Target(args.get(5)))) {
                compiler.compile(Path.of(args.get(2)), Path.of(args.get(3)));
            }
        } else if (command.equals("probe") && args.size() == 3) {
            JsonObject description =
                    Json.parse(Files.readAllBytes(Path.of(args.get(2)))).asObject("engine.json");
            out.println(new Probe(library(args)).lanes(description).canonical());
        } else if (command.equals("try") && args.size() == 3) {
            WasmtimeLibrary library = library(args);
            Profile profile = Profile.named(args.get(2));
            out.println(new Probe(library).engineHash(profile.config(library).toCompileConfig(), profile.target()));
        } else if (command.equals("describe") && args.size() > 3) {
            List<Profile> profiles =
                    args.subList(3, args.size()).stream().map(Profile::named).toList();
            String name = String.valueOf(Path.of(args.get(1)).getFileName());
            out.println(PackDescription.of(library(args), args.get(2), name, profiles)
                    .canonical());
        } else {
            err.println("usage: compile LIBRARY IN OUT CONFIG TARGET | probe LIBRARY ENGINE.JSON | try LIBRARY "
                    + "PROFILE | describe LIBRARY VERSION PROFILE...");
            return USAGE;
        }
        return 0;
    }

    private static WasmtimeLibrary library(List<String> args) {
        return WasmtimeLibrary.load(Path.of(args.get(1)));
    }
}
