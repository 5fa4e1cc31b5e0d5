package dev.precast.bench;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code precast bench}. Measures in separate JVMs. */
public final class Main {
    private Main() {}

    /** Ends the JVM with 0 on success, 1 if something could not be measured, 2 for wrong arguments. */
    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("child")) {
            Child.main(
                    Arrays.copyOfRange(args, 1, args.length)); // First, so that a measured JVM loads no other classes.
            return;
        }
        CommandLine line = new CommandLine(new Bench());
        line.addSubcommand(new TtfcCommand(System.out, System.err));
        line.addSubcommand(new CompileBenchCommand(System.out, System.err));
        line.addSubcommand(new FleetBenchCommand(System.out, System.err));
        line.addSubcommand(new LookupBenchCommand(System.out, System.err));
        line.addSubcommand(new RolloutBenchCommand(System.out, System.err));
        line.addSubcommand(new UnreadBenchCommand(System.out, System.err));
        line.setExecutionExceptionHandler((e, ignored, parsed) -> {
            if (System.getenv("PRECAST_DEBUG") != null) {
                e.printStackTrace();
            }
            System.err.println(
                    "bench: " + (e instanceof NoSuchFileException ? "file not found: " : "") + e.getMessage());
            return e instanceof IOException ? 1 : e instanceof IllegalArgumentException ? 2 : 1;
        });
        System.exit(line.execute(args));
    }

    @Command(name = "bench", mixinStandardHelpOptions = true, description = "Runs a benchmark on this machine.")
    private static final class Bench implements Runnable {
        @Override
        public void run() {
            throw new IllegalArgumentException(
                    "bench: missing benchmark (expected ttfc FILE, compile FILE, fleet, lookup, rollout or unread); see --help");
        }
    }
}
