package dev.precast.bench;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A benchmark: prints its progress on {@code err}, and on {@code out} a report as a table or as JSON. */
abstract class BenchCommand implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON document on standard output.")
    private boolean json;

    final PrintStream out;
    final PrintStream err;

    BenchCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Adds the Java version and the number of processors to a report. */
    static void putMachine(Map<String, Object> report) {
        report.put("java", Runtime.version().toString());
        report.put("processors", Runtime.getRuntime().availableProcessors());
    }

    /** Prints a report. */
    void print(Map<String, Object> report) {
        if (json) {
            out.println(JsonText.of(report));
        } else {
            printTable(report);
        }
    }

    /** Prints a report as a table. */
    abstract void printTable(Map<String, Object> report);
}
