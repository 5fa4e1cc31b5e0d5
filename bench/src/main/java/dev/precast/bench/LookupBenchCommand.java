package dev.precast.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "lookup",
        mixinStandardHelpOptions = true,
        description = "Measures, in turn, lookups and downloads at an API replica and HEAD and GET at its S3 server.")
final class LookupBenchCommand extends BenchCommand {
    private static final int FEW = 10;
    /** Duration of a warm-up for the JIT compilers of the replicas, which have just started. */
    private static final long WARM_UP_SECONDS = 10;

    private static final long LONGEST_REST_SECONDS = 1800;

    @Option(
            names = "--artifacts",
            defaultValue = "100000",
            description = "Number of artifacts of one replica; a second replica has " + FEW + ". If the number is at "
                    + "most " + FEW + ", only one replica is started. Default: ${DEFAULT-VALUE}.")
    private int artifacts;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "Seconds for which a round repeats one kind of call. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Number of rounds of each kind of call. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--connections",
            defaultValue = "8",
            description = "Number of concurrent calls. Default: ${DEFAULT-VALUE}.")
    private int connections;

    LookupBenchCommand(PrintStream out, PrintStream err) {
        super(out, err);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (artifacts < 1 || seconds < 1 || rounds < 1 || connections < 1) {
            throw new IllegalArgumentException(
                    "--artifacts, --seconds, --rounds and --connections: expected 1 or more, found " + artifacts + ", "
                            + seconds + ", " + rounds + " and " + connections);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        putMachine(report);
        report.put("connections", connections);
        report.put("seconds", seconds);
        report.put("rounds", rounds);
        try (Workspace work = Workspace.create();
                LookupSide few = LookupSide.start(work.resolve("few"), Math.min(FEW, artifacts))) {
            if (artifacts <= FEW) {
                report.put(few.name(), toJson(measure(List.of(few)).getFirst()));
                print(report);
                return 0;
            }
            try (LookupSide many = LookupSide.start(work.resolve("many"), FEW)) {
                many.stored().putUpTo(artifacts);
                LoadRun.of(connections, WARM_UP_SECONDS, many.calls()::first);
                Figures first = LoadRun.of(connections, seconds, many.calls()::first);
                LoadRun.of(connections, LONGEST_REST_SECONDS, many.calls()::rest);
                List<Map<StoreCall, Figures>> medians = measure(List.of(few, many));
                report.put(few.name(), toJson(medians.getFirst()));
                report.put(many.name(), toJson(medians.getLast()));
                report.put("firstLookup", first.toJson());
                report.put("medianManyToFew", ratios(medians.getLast(), medians.getFirst()));
            }
            // Printed before the cleanup, which takes minutes with many artifacts.
            print(report);
        }
        return 0;
    }

    /** Measures each kind of call at each replica and its S3 server, round by round, after a warm-up. */
    private List<Map<StoreCall, Figures>> measure(List<LookupSide> sides) throws InterruptedException {
        List<Map<StoreCall, List<Figures>>> measured = new ArrayList<>();
        for (LookupSide side : sides) {
            measured.add(new EnumMap<>(StoreCall.class));
            for (StoreCall call : StoreCall.values()) {
                LoadRun.of(connections, WARM_UP_SECONDS, () -> side.calls().make(call));
            }
        }
        for (int round = 1; round <= rounds; round++) {
            for (StoreCall call : StoreCall.values()) {
                for (int i = 0; i < sides.size(); i++) {
                    LookupSide side = sides.get(i);
                    Figures figures =
                            LoadRun.of(connections, seconds, () -> side.calls().make(call));
                    err.printf(
                            Locale.ROOT,
                            "bench: round %d of %d  %7s  %-9s %8.0f/s  p50 %7.2f ms  p99 %7.2f ms%n",
                            round,
                            rounds,
                            side.name(),
                            call.label(),
                            figures.perSecond(),
                            figures.p50Ms(),
                            figures.p99Ms());
                    measured.get(i)
                            .computeIfAbsent(call, c -> new ArrayList<>())
                            .add(figures);
                }
            }
        }
        return measured.stream().map(LookupBenchCommand::medians).toList();
    }

    private static Map<StoreCall, Figures> medians(Map<StoreCall, List<Figures>> measured) {
        Map<StoreCall, Figures> medians = new EnumMap<>(StoreCall.class);
        measured.forEach((call, all) -> medians.put(call, Figures.median(all)));
        return medians;
    }

    private static Map<String, Object> toJson(Map<StoreCall, Figures> medians) {
        Map<String, Object> json = new LinkedHashMap<>();
        medians.forEach((call, figures) -> json.put(call.label(), figures.toJson()));
        json.put("lookupToHead", p50(medians, StoreCall.LOOKUP) / p50(medians, StoreCall.HEAD));
        json.put("downloadToGet", p50(medians, StoreCall.DOWNLOAD) / p50(medians, StoreCall.GET));
        return json;
    }

    private static Map<String, Object> ratios(Map<StoreCall, Figures> many, Map<StoreCall, Figures> few) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (StoreCall call : StoreCall.values()) {
            json.put(call.label(), p50(many, call) / p50(few, call));
        }
        return json;
    }

    private static double p50(Map<StoreCall, Figures> medians, StoreCall call) {
        Figures figures = medians.get(call);
        return figures == null ? Double.NaN : figures.p50Ms();
    }

    @Override
    void printTable(Map<String, Object> report) {
        print("", report);
    }

    private void print(String before, Map<?, ?> report) {
        report.forEach((name, value) -> {
            if (value instanceof Map<?, ?> inner) {
                print(before + name + " ", inner);
            } else {
                out.println(String.format(
                        Locale.ROOT,
                        "%-32s %s",
                        before + name,
                        value instanceof Double d ? String.format(Locale.ROOT, "%.2f", d) : value));
            }
        });
    }
}
