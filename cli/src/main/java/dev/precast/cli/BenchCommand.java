package dev.precast.cli;

import dev.precast.launcher.Installation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

@Command(
        name = "bench",
        description =
                "Runs a benchmark: ttfc FILE (time to first call), compile FILE, fleet or lookup. See precast bench --help.")
final class BenchCommand implements Callable<Integer> {
    private final Surroundings around;

    @Unmatched
    private List<String> arguments = List.of();

    BenchCommand(Surroundings around) {
        this.around = around;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return run(arguments);
    }

    /** Runs the benchmarks in a child process, which parses the arguments. */
    int run(List<String> arguments) throws IOException, InterruptedException {
        Installation installation = around.installation();
        List<String> command = new ArrayList<>(List.of(
                Installation.java(),
                "-Dprecast.home=" + installation.home(),
                "-jar",
                Installation.built(installation.benchJar()).toString()));
        command.addAll(arguments);
        Process bench = new ProcessBuilder(command).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(bench::destroy));
        return bench.waitFor();
    }
}
