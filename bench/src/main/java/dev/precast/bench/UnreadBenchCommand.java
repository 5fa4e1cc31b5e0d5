package dev.precast.bench;

import dev.precast.protocol.Paths;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "unread",
        mixinStandardHelpOptions = true,
        description = "Measures, in turn, lookups at an API replica alone, and beside connections that request a large "
                + "payload and read nothing of it.")
final class UnreadBenchCommand extends BenchCommand {
    private static final int ARTIFACTS = 10;
    private static final long WARM_UP_SECONDS = 10;
    /** Time for the replica to be busy with the new connections, or to get rid of them. */
    private static final long SETTLE_MILLIS = 3000;

    @Option(
            names = "--readers",
            defaultValue = "1000",
            description = "Number of connections that read nothing. Default: ${DEFAULT-VALUE}.")
    private int readers;

    @Option(
            names = "--heap-mb",
            defaultValue = "512",
            description = "Heap of the replica, in MiB. Default: ${DEFAULT-VALUE}.")
    private int heapMb;

    @Option(
            names = "--payload-mb",
            defaultValue = "20",
            description = "Size of the payload that they request, in MiB. Default: ${DEFAULT-VALUE}.")
    private int payloadMb;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description = "Seconds for which lookups are measured each time. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--pairs",
            defaultValue = "7",
            description = "Number of pairs of measurements. Default: ${DEFAULT-VALUE}.")
    private int pairs;

    @Option(
            names = "--connections",
            defaultValue = "8",
            description = "Number of concurrent lookups. Default: ${DEFAULT-VALUE}.")
    private int connections;

    UnreadBenchCommand(PrintStream out, PrintStream err) {
        super(out, err);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (readers < 1 || heapMb < 64 || payloadMb < 1 || seconds < 1 || pairs < 1 || connections < 1) {
            throw new IllegalArgumentException("bench: expected a heap of 64 MiB or more, and 1 or more of --readers, "
                    + "--payload-mb, --seconds, --pairs and --connections");
        }
        try (Workspace work = Workspace.create();
                LookupSide side = LookupSide.start(work.resolve("fleet"), ARTIFACTS, List.of("-Xmx" + heapMb + "m"))) {
            String path = Paths.artifact(side.stored().putLarge(payloadMb << 20).key());
            lookups(side, WARM_UP_SECONDS);
            List<Figures> alone = new ArrayList<>();
            List<Figures> beside = new ArrayList<>();
            for (int pair = 1; pair <= pairs; pair++) {
                alone.add(lookups(side, seconds));
                beside.add(besideReaders(side, path));
                err.printf(
                        Locale.ROOT,
                        "bench: pair %d of %d  p99 %.2f ms alone, %.2f ms beside %d connections%n",
                        pair,
                        pairs,
                        alone.getLast().p99Ms(),
                        beside.getLast().p99Ms(),
                        readers);
            }
            print(report(alone, beside));
        }
        return 0;
    }

    private Figures lookups(LookupSide side, long forSeconds) throws InterruptedException {
        return LoadRun.of(connections, forSeconds, () -> side.calls().make(StoreCall.LOOKUP));
    }

    private Figures besideReaders(LookupSide side, String path) throws IOException, InterruptedException {
        URI replica = side.fleet().nodes().getFirst().address();
        try (SilentReaders silent = SilentReaders.open(replica, path, readers)) {
            Thread.sleep(SETTLE_MILLIS);
            return lookups(side, seconds);
        } finally {
            Thread.sleep(SETTLE_MILLIS);
        }
    }

    private Map<String, Object> report(List<Figures> alone, List<Figures> beside) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < alone.size(); i++) {
            ratios.add(beside.get(i).p99Ms() / alone.get(i).p99Ms());
        }
        Map<String, Object> report = new LinkedHashMap<>();
        putMachine(report);
        report.put("readers", readers);
        report.put("heapMb", heapMb);
        report.put("payloadMb", payloadMb);
        report.put("pairs", pairs);
        report.put("alone", Figures.median(alone).toJson());
        report.put("beside", Figures.median(beside).toJson());
        report.put("medianRatioOfP99", Measure.median(ratios, ratio -> ratio));
        return report;
    }

    @Override
    void printTable(Map<String, Object> report) {
        report.forEach((name, value) -> out.printf(Locale.ROOT, "%-20s %s%n", name, JsonText.of(value)));
    }
}
