package dev.precast.bench;

import dev.precast.artifact.Lane;
import dev.precast.launcher.Installation;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        description = "Rolls new modules out to many hosts, which start with nothing compiled. Counts compilations, S3 "
                + "calls, NATS messages and bytes, prices them, and compares with hosts that compile in-process and with "
                + "a shared volume. Then it measures the idle fleet.")
final class RolloutBenchCommand extends BenchCommand {
    private static final int WORKERS = 2;
    /** Engines with lanes for the JVM, in the order of their use. */
    private static final List<String> ENGINES = List.of("chicory", "endive");

    @Option(names = "--hosts", defaultValue = "1000", description = "Number of hosts. Default: ${DEFAULT-VALUE}.")
    private int hosts;

    @Option(
            names = "--at-once",
            paramLabel = "HOSTS",
            defaultValue = "100",
            description = "How many hosts start at a time. Default: ${DEFAULT-VALUE}.")
    private int atOnce;

    @Option(names = "--modules", defaultValue = "200", description = "Number of modules. Default: ${DEFAULT-VALUE}.")
    private int modules;

    @Option(
            names = "--lanes",
            defaultValue = "2",
            description = "Number of lanes, at most 2; each host uses one. Default: ${DEFAULT-VALUE}.")
    private int lanes;

    @Option(
            names = "--up-to",
            paramLabel = "KB",
            defaultValue = "30",
            description = "Maximum size of a module. Default: ${DEFAULT-VALUE}.")
    private int largestKb;

    @Option(
            names = "--idle",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long the idle fleet is measured. Default: ${DEFAULT-VALUE}.")
    private int idleSeconds;

    RolloutBenchCommand(PrintStream out, PrintStream err) {
        super(out, err);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (hosts < 1 || modules < 1 || atOnce < 1 || lanes < 1 || lanes > ENGINES.size()) {
            throw new IllegalArgumentException("--hosts, --modules, --at-once: expected 1 or more, found " + hosts
                    + ", " + modules + " and " + atOnce + "; --lanes: expected 1 or 2, found " + lanes);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        putMachine(report);
        report.put("hosts", hosts);
        report.put("atOnce", atOnce);
        report.put("lanes", lanes);
        try (Workspace work = Workspace.create()) {
            FleetModules list = FleetModules.write(modules, largestKb * 1000L, work.resolve("modules"));
            report.put("modules", list.files().size());
            report.put("moduleBytes", list.bytes());
            Costs costs;
            try (Fleet fleet =
                    Fleet.start(work.resolve("fleet"), Installation.current().packs(), List.of())) {
                for (int i = 0; i < WORKERS; i++) {
                    fleet.worker();
                }
                costs = rollOut(fleet, list, report);
                idle(fleet, report);
            }
            alternatives(new FleetHosts(1, list), work.resolve("volume"), costs, report);
            print(report);
            return costs.once() ? 0 : 1;
        }
    }

    /**
     * @param once whether each module was compiled exactly once for each lane
     * @param hostsCpuSeconds CPU time of all hosts
     * @param dollars price of what the fleet used
     */
    private record Costs(boolean once, double hostsCpuSeconds, double dollars) {}

    private Costs rollOut(Fleet fleet, FleetModules list, Map<String, Object> report)
            throws IOException, InterruptedException {
        FleetNode api = fleet.nodes().getFirst();
        List<OfferedLane> offered = LaneJson.offers(api.rest().get(Paths.ENGINES));
        List<Lane> used = new ArrayList<>();
        for (String engine : ENGINES.subList(0, lanes)) {
            used.add(offered.stream()
                    .map(OfferedLane::lane)
                    .filter(lane -> lane.engine().name().equals(engine))
                    .findFirst()
                    .orElseThrow(() -> new IOException("engine " + engine + ": no worker has a lane for it")));
        }
        RolloutHosts rollout = new RolloutHosts(api, fleet.trustRoot(), list, used);
        Traffic before = Traffic.of(fleet);
        long cpu = Resources.cpuMillis();
        RolloutHosts.Start first = rollout.start(0, Math.min(atOnce, hosts), atOnce);
        put(report, "firstHosts", first);
        Traffic compiled = Traffic.of(fleet);
        report.put("firstHostsTraffic", compiled.since(before).toJson());
        if (hosts > atOnce) {
            put(report, "otherHosts", rollout.start(atOnce, hosts - atOnce, atOnce));
            report.put("otherHostsTraffic", Traffic.of(fleet).since(compiled).toJson());
        }
        Traffic all = Traffic.of(fleet).since(before);
        Costs costs = new Costs(
                all.compilations() == (long) modules * lanes, (Resources.cpuMillis() - cpu) / 1e3, Prices.of(all));
        report.put("hostsCpuSeconds", costs.hostsCpuSeconds());
        report.put("compilations", all.compilations());
        report.put("s3Reads", all.reads());
        report.put("s3Writes", all.writes());
        report.put("dollarsOfFleet", costs.dollars());
        long stored = bytes(fleet.s3().objects());
        report.put("storedBytes", stored);
        report.put("dollarsAMonthOfMillionArtifacts", Prices.storedAMonth(stored * 1e6 / (modules * lanes)));
        return costs;
    }

    private void put(Map<String, Object> report, String what, RolloutHosts.Start start) {
        report.put(what + "P50Seconds", start.p50Seconds());
        report.put(what + "P99Seconds", start.p99Seconds());
        report.put(what + "AllSeconds", start.allSeconds());
        report.put(what + "PayloadBytes", start.payloadBytes());
        err.printf(
                Locale.ROOT,
                "bench: %-11s ready p50 %7.2f s  p99 %7.2f s  all %7.1f s%n",
                what,
                start.p50Seconds(),
                start.p99Seconds(),
                start.allSeconds());
    }

    private void idle(Fleet fleet, Map<String, Object> report) throws IOException, InterruptedException {
        if (idleSeconds == 0) {
            return;
        }
        err.printf("bench: measuring the idle fleet for %d s%n", idleSeconds);
        Traffic before = Traffic.of(fleet);
        Thread.sleep(idleSeconds * 1000L);
        Traffic idle = Traffic.of(fleet).since(before);
        report.put("idleSeconds", idleSeconds);
        report.put("idleTraffic", idle.toJson());
        report.put("idleDollarsADay", Prices.of(idle) * 86_400 / idleSeconds);
    }

    /** One host in-process and with a filled shared folder; the prices are for all hosts. */
    private void alternatives(FleetHosts one, Path folder, Costs costs, Map<String, Object> report)
            throws IOException, InterruptedException {
        err.println("bench: one host in-process and with a shared folder");
        one.sharedFolder(folder);
        double shared = one.sharedFolder(folder).cpuSeconds();
        double inProcess = one.oneInProcess().cpuSeconds();
        report.put("oneHostInProcessCpuSeconds", inProcess);
        report.put("oneHostSharedFolderCpuSeconds", shared);
        report.put("dollarsWithPrecast", costs.dollars() + Prices.cpu(costs.hostsCpuSeconds()));
        report.put("dollarsInProcess", Prices.cpu(inProcess * hosts));
        report.put("dollarsSharedVolume", Prices.cpu(shared * hosts) + Prices.volume((double) hosts * bytes(folder)));
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
            return sum;
        }
    }

    @Override
    void printTable(Map<String, Object> report) {
        report.forEach((name, value) -> out.println(String.format(
                Locale.ROOT,
                "%-32s %s",
                name,
                value instanceof Double d
                        ? String.format(Locale.ROOT, "%.4f", d)
                        : value instanceof Map<?, ?> map ? JsonText.of(map) : value)));
    }
}
