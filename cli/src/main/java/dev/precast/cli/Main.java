package dev.precast.cli;

import dev.precast.artifact.FileErrors;
import dev.precast.attestation.RefusedException;
import dev.precast.host.service.ServiceException;
import dev.precast.launcher.StartFailedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** The command {@code precast}. */
public final class Main {
    private static final List<String> COMMANDS = List.of(
            "serve",
            "push",
            "compile",
            "warm",
            "retire",
            "scrub",
            "get",
            "sync",
            "run",
            "inspect",
            "engine-hash",
            "engines",
            "pack-digest",
            "queue",
            "trust",
            "verify",
            "doctor",
            "bench",
            "demo");

    private Main() {}

    /** Ends the JVM with the exit code of the command. */
    public static void main(String[] args) {
        System.exit(run(args, Surroundings.ofThisProcess()));
    }

    private static Object command(String name, Surroundings around) {
        return switch (name) {
            case "serve" -> new ServeCommand(around);
            case "push" -> new PushCommand(around);
            case "compile" -> new CompileCommand(around);
            case "warm" -> new WarmCommand(around);
            case "retire" -> new RetireCommand(around);
            case "scrub" -> new ScrubCommand(around);
            case "get" -> new GetCommand(around);
            case "sync" -> new SyncCommand(around);
            case "run" -> new RunCommand(around);
            case "inspect" -> new InspectCommand(around);
            case "engine-hash" -> new EngineHashCommand(around);
            case "engines" -> new EnginesCommand(around);
            case "pack-digest" -> new PackDigestCommand(around);
            case "queue" -> new QueueCommand();
            case "trust" -> new TrustCommand();
            case "verify" -> new VerifyCommand(around);
            case "doctor" -> new DoctorCommand(around);
            case "bench" -> new BenchCommand(around);
            case "demo" -> new DemoCommand(around);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Runs one command line and returns the exit code. Prints stack traces only if PRECAST_DEBUG is set. */
    static int run(String[] args, Surroundings around) {
        boolean json = Arrays.asList(args).contains("--json");
        CommandLine line = root(around);
        if (args.length > 0 && COMMANDS.contains(args[0])) {
            if (args[0].equals("bench") && args.length > 1) {
                return bench(Arrays.asList(args).subList(1, args.length), around);
            }
            add(line, args[0], around); // Only one command class is read by reflection, not all.
        } else {
            COMMANDS.forEach(name -> add(line, name, around));
        }
        // Picocli prints only help, with control sequences for a terminal.
        line.setOut(new PrintWriter(around.rawOut(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(around.rawErr(), true, StandardCharsets.UTF_8));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, ignored) -> usage(e, around, json));
        line.setExecutionExceptionHandler((e, ignored, parsed) -> failed(e, around, json));
        line.setExitCodeExceptionMapper(e -> Exit.OTHER.code());
        return exitCode(line, args);
    }

    /** The command line with all commands. */
    static CommandLine whole(Surroundings around) {
        CommandLine line = root(around);
        COMMANDS.forEach(name -> add(line, name, around));
        return line;
    }

    private static CommandLine root(Surroundings around) {
        return new CommandLine(new Precast(), factory(around));
    }

    /** Passes the surroundings to shared options that picocli creates. */
    private static CommandLine.IFactory factory(Surroundings around) {
        CommandLine.IFactory plain = CommandLine.defaultFactory();
        return new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return type == Common.class ? type.cast(new Common(around)) : plain.create(type);
            }
        };
    }

    private static void add(CommandLine line, String name, Surroundings around) {
        CommandLine command = new CommandLine(command(name, around), line.getFactory());
        addHelp(command);
        line.addSubcommand(name, command);
    }

    private static void addHelp(CommandLine command) {
        if (!(command.getCommandSpec().userObject() instanceof Method)) { // Methods have these options already.
            command.getCommandSpec().mixinStandardHelpOptions(true);
        }
        command.getSubcommands().values().forEach(Main::addHelp);
    }

    private static int exitCode(CommandLine line, String[] args) {
        int code = line.execute(args);
        CommandLine.ParseResult parsed = line.getParseResult();
        CommandLine last = line;
        while (parsed != null && parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
            last = parsed.commandSpec().commandLine();
        }
        // Commands return an Exit, which picocli does not accept as an exit code, or the exit code of another process.
        return last.getExecutionResult() instanceof Exit exit ? exit.code() : code;
    }

    private static int bench(List<String> args, Surroundings around) {
        try {
            return new BenchCommand(around).run(args);
        } catch (IOException | RuntimeException e) {
            return failed(e, around, args.contains("--json"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.OTHER.code();
        }
    }

    private static int usage(ParameterException e, Surroundings around, boolean json) {
        if (e.getCause() instanceof CommandFailed failed) {
            return failed(failed, around, json);
        }
        report(around, json, Exit.USAGE, "usage", String.valueOf(e.getMessage()));
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        around.err().println("See " + name + " --help.");
        return Exit.USAGE.code();
    }

    private static int failed(Exception e, Surroundings around, boolean json) {
        if (around.debug()) {
            e.printStackTrace(around.err());
        }
        CommandFailed failure = asFailure(e);
        report(around, json, failure.exit(), failure.code(), failure.text());
        return failure.exit().code();
    }

    private static CommandFailed asFailure(Exception e) {
        return switch (e) {
            case CommandFailed known -> known;
            case RefusedException refused ->
                new CommandFailed(
                        Exit.UNVERIFIED, refused.check().label(), "verification failed: " + refused.getMessage(), e);
            case ServiceException call -> Problems.failure(call);
            case FileNotFoundException gone ->
                new CommandFailed(Exit.NOT_FOUND, "artifact-unknown", String.valueOf(gone.getMessage()), e);
            case StartFailedException server ->
                new CommandFailed(Exit.UNREACHABLE, "server-not-started", String.valueOf(server.getMessage()), e);
            case NoSuchFileException missing ->
                new CommandFailed(Exit.NOT_FOUND, "no-such-file", FileErrors.text(missing), e);
            case AccessDeniedException denied ->
                new CommandFailed(Exit.OTHER, "access-denied", FileErrors.text(denied), e);
            case UncheckedIOException wrapped
            when wrapped.getCause() instanceof NoSuchFileException missing -> asFailure(missing);
            case IOException other -> new CommandFailed(Exit.OTHER, "error", FileErrors.text(other), e);
            default -> {
                String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                yield new CommandFailed(Exit.OTHER, "error", message, e);
            }
        };
    }

    private static void report(Surroundings around, boolean json, Exit exit, String code, String message) {
        if (json) {
            around.out().println(Common.error(exit, code, message).canonical());
            around.out().flush();
        }
        around.err().println("precast: " + message);
    }

    @Command(
            name = "precast",
            description = "A pre-compilation cache for WebAssembly: compiled once, signed, loaded anywhere.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            footer = {
                "",
                "Exit codes: 0 ok, 2 usage, 3 not found or not compiled, 4 module rejected, 5 verification failed,",
                "6 service unreachable, 1 anything else. The environment variables PRECAST_URL, PRECAST_TOKEN,",
                "PRECAST_TRUST_ROOT, PRECAST_FRESHNESS, PRECAST_DATA and PRECAST_CACHE are defaults of options.",
                "PRECAST_DEBUG=1 prints stack traces."
            })
    private static final class Precast implements Runnable {
        @CommandLine.Spec
        private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

        @Override
        public void run() {
            if (spec != null) {
                throw new ParameterException(spec.commandLine(), "command: missing; see precast --help");
            }
        }
    }
}
