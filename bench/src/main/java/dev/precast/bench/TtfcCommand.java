package dev.precast.bench;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ttfc",
        mixinStandardHelpOptions = true,
        description = "Measures the time until a module is ready and until its first call returns. Each run of each "
                + "mode is a new JVM; the modes alternate.")
final class TtfcCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE", description = "A module.")
    private Path file = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "ARG",
            description = "Arguments of the module if it is a WASI command; put -- before them.")
    private List<String> arguments = List.of();

    @Option(
            names = "--runs",
            defaultValue = "3",
            description = "Number of runs of each mode. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--engine",
            defaultValue = "chicory",
            description = "The engine: chicory or wasmtime. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--library",
            paramLabel = "FILE",
            description = "Wasmtime's C API library. Default: that of the newest Wasmtime whose pack was built.")
    private @Nullable Path library;

    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "MODE",
            description = "Modes to measure. Chicory: in-process, chicory-cache-warm, interpreter, build-time, "
                    + "precast-disk, precast-empty-disk. Wasmtime: in-process, wasmtime-cache-warm, "
                    + "raw-deserialize, precast-disk-first, precast-disk, precast-empty-disk. Default: "
                    + "all modes of the engine.")
    private List<String> modes = List.of();

    @Option(
            names = "--hosts",
            split = ",",
            paramLabel = "N",
            description = "Also measure the memory of N hosts that run at the same time and share one disk cache, for "
                    + "each N; only with the mode precast-disk. Default: 1,2,8 for Wasmtime, none for Chicory.")
    private @Nullable List<Integer> hosts;

    @Option(names = "--jvm", paramLabel = "FLAG", description = "A flag for every measured JVM, such as --jvm=-Xmx2g.")
    private List<String> flags = List.of();

    @Option(
            names = "--aot",
            description = "Start each mode with an AOT cache of the JDK, which a training run of the mode fills.")
    private boolean aot;

    @Option(
            names = "--timeout",
            defaultValue = "600",
            description = "Seconds after which a JVM is killed. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Option(names = "--json", description = "Print one JSON document on standard output.")
    private boolean json;

    private final PrintStream out;
    private final PrintStream err;

    TtfcCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Mode> wanted = modes.stream().map(Mode::of).distinct().toList();
        MeasuredEngine measured = MeasuredEngine.of(engine, wanted);
        List<Mode> asked = wanted.isEmpty() ? measured.modes() : wanted;
        try (Workspace work = Workspace.create()) {
            Setting setting = new Setting(
                    new ChildJvm(flags, timeout),
                    aot,
                    measured == MeasuredEngine.WASMTIME ? library() : "",
                    new Setting.Subject(file.toAbsolutePath(), digest(), arguments),
                    work,
                    err);
            try (Setting.Open open = setting.prepare(asked)) {
                Report report = report(asked, open);
                out.println(json ? JsonText.of(report.toJson()) : report.table());
                return report.complete() ? 0 : 1;
            }
        }
    }

    private String library() throws IOException {
        Path found = library != null ? library : Installed.newestWasmtime();
        return found.toAbsolutePath().toString();
    }

    /** Measures the memory of hosts that share a disk cache, if {@code precast-disk} is measured. */
    private List<Sharing> sharing(List<Mode> asked, Setting.Open open) throws IOException, InterruptedException {
        List<Integer> wanted = hosts != null ? hosts : engine.equals("wasmtime") ? List.of(1, 2, 8) : List.of();
        List<Sharing> sharing = new ArrayList<>();
        if (asked.contains(Mode.PRECAST_DISK)) {
            for (int number : wanted) {
                sharing.add(open.share(number));
            }
        }
        return sharing;
    }

    private Report report(List<Mode> asked, Setting.Open open) throws IOException, InterruptedException {
        Map<Mode, List<Measure>> measured = new EnumMap<>(Mode.class);
        Map<Mode, String> failed = new EnumMap<>(Mode.class);
        for (int run = 1; run <= runs; run++) {
            for (Mode mode : asked) {
                if (failed.containsKey(mode)) {
                    continue;
                }
                try {
                    Measure measure = open.run(mode, run);
                    measured.computeIfAbsent(mode, m -> new ArrayList<>()).add(measure);
                    err.printf(
                            java.util.Locale.ROOT,
                            "bench: run %d of %d  %-19s ready %9.1f ms  load %9.1f ms  first call %9.1f ms  CPU "
                                    + "%7.2f s  RSS %5.0f MB%n",
                            run,
                            runs,
                            mode.label(),
                            measure.readyMs(),
                            measure.loadMs(),
                            measure.firstCallMs(),
                            measure.cpuMs() / 1000,
                            measure.rssKib() * 1024 / 1e6);
                } catch (IOException e) {
                    err.println("bench: " + e.getMessage());
                    failed.put(mode, String.valueOf(e.getMessage()));
                }
            }
        }
        return new Report(file.toString(), digest(), allFlags(), runs, measured, failed, sharing(asked, open));
    }

    private List<String> allFlags() {
        List<String> all = new ArrayList<>(flags);
        if (aot) {
            all.add("-XX:AOTCache");
        }
        return all;
    }

    private Digest digest() {
        try (InputStream in = Files.newInputStream(file)) {
            return Digest.of(in);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot read: " + e.getMessage(), e);
        }
    }
}
