package dev.precast.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "lookup",
        mixinStandardHelpOptions = true,
        description =
                "Lookups and downloads at one API replica beside HEAD and GET at the S3 server below it, in turn.")
final class LookupBenchCommand implements Callable<Integer> {
    private static final int FEW = 10;
    private static final long WARM_UP_SECONDS = 3;

    @Option(
            names = "--artifacts",
            defaultValue = "100000",
            description = "How many are known the second time, after " + FEW + ". Default: ${DEFAULT-VALUE}; "
                    + "no more than " + FEW + " is one time only.")
    private int artifacts;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "Of one round of one call. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds of each call. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(names = "--connections", defaultValue = "8", description = "Calls at a time. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(names = "--json", description = "One JSON document on standard output.")
    private boolean json;

    private final PrintStream out;
    private final PrintStream err;

    LookupBenchCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (artifacts < 1 || seconds < 1 || rounds < 1 || connections < 1) {
            throw new IllegalArgumentException("expected 1 or more artifacts, seconds, rounds and connections");
        }
        Path home = Installed.home();
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("java", Runtime.version().toString());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        report.put("connections", connections);
        report.put("seconds", seconds);
        report.put("rounds", rounds);
        try (Workspace work = Workspace.create();
                FleetSetting fleet = FleetSetting.start(home, work.resolve("fleet"))) {
            StoredArtifacts stored = new StoredArtifacts(fleet);
            stored.putUpTo(Math.min(FEW, artifacts));
            try (StoreCalls calls =
                    new StoreCalls(fleet.api().address(), fleet.stores().payloads(), stored)) {
                Map<StoreCall, Figures> few = measure(calls);
                report.put(Integer.toString(stored.size()), toJson(few));
                if (artifacts > FEW) {
                    stored.putUpTo(artifacts);
                    Map<StoreCall, Figures> many = measure(calls);
                    report.put(Integer.toString(stored.size()), toJson(many));
                    report.put("medianManyToFew", ratios(many, few));
                }
            }
        }
        print(report);
        return 0;
    }

    /** All calls in turn, round by round; the first seconds of each are thrown away. */
    private Map<StoreCall, Figures> measure(StoreCalls calls) throws InterruptedException {
        Map<StoreCall, List<Figures>> measured = new EnumMap<>(StoreCall.class);
        for (StoreCall call : StoreCall.values()) {
            LoadRun.of(connections, WARM_UP_SECONDS, () -> calls.make(call));
        }
        for (int round = 1; round <= rounds; round++) {
            for (StoreCall call : StoreCall.values()) {
                Figures figures = LoadRun.of(connections, seconds, () -> calls.make(call));
                err.printf(
                        Locale.ROOT,
                        "bench: round %d of %d  %-9s %8.0f/s  p50 %7.2f ms  p99 %7.2f ms%n",
                        round,
                        rounds,
                        call.label(),
                        figures.perSecond(),
                        figures.p50Ms(),
                        figures.p99Ms());
                measured.computeIfAbsent(call, c -> new ArrayList<>()).add(figures);
            }
        }
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

    private void print(Map<String, Object> report) {
        if (json) {
            out.println(JsonText.of(report));
        } else {
            print("", report);
        }
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
