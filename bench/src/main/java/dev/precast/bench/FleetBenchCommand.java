package dev.precast.bench;

import dev.precast.launcher.Installation;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "fleet",
        mixinStandardHelpOptions = true,
        description = "Starts many hosts at once. Compares a fleet of one API replica and two workers on S3 and NATS "
                + "with Chicory's own cache in a shared folder and with hosts that compile in-process.")
final class FleetBenchCommand extends BenchCommand {
    private static final int WORKERS = 2;

    @Option(names = "--hosts", defaultValue = "50", description = "Number of hosts. Default: ${DEFAULT-VALUE}.")
    private int hosts;

    @Option(names = "--modules", defaultValue = "20", description = "Number of modules. Default: ${DEFAULT-VALUE}.")
    private int modules;

    @Option(
            names = "--up-to",
            paramLabel = "KB",
            defaultValue = "300",
            description = "Maximum size of a module. Default: ${DEFAULT-VALUE}.")
    private int largestKb;

    FleetBenchCommand(PrintStream out, PrintStream err) {
        super(out, err);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (hosts < 1 || modules < 1) {
            throw new IllegalArgumentException(
                    "--hosts and --modules: expected 1 or more, found " + hosts + " and " + modules);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        putMachine(report);
        report.put("hosts", hosts);
        try (Workspace work = Workspace.create()) {
            FleetModules list = FleetModules.write(modules, largestKb * 1000L, work.resolve("modules"));
            FleetHosts starts = new FleetHosts(hosts, list);
            report.put("modules", list.files().size());
            report.put("moduleBytes", list.bytes());
            boolean once = throughPrecast(work, starts, report);
            byThemselves(work, starts, report);
            compare(report);
            print(report);
            return once ? 0 : 1;
        }
    }

    /** @return whether each module was compiled exactly once */
    private boolean throughPrecast(Workspace work, FleetHosts starts, Map<String, Object> report)
            throws IOException, InterruptedException {
        try (Fleet fleet =
                Fleet.start(work.resolve("fleet"), Installation.current().packs(), List.of())) {
            FleetNode api = fleet.nodes().getFirst();
            for (int i = 0; i < WORKERS; i++) {
                fleet.worker();
            }
            // Hosts try a lane with the empty module. Its compilations are not counted.
            starts.probe(api, fleet.trustRoot(), work.resolve("probe"));
            long probes = Traffic.compilations(fleet);
            double idle = Traffic.cpuSeconds(fleet);
            report.put("fleetStartCpuSeconds", idle);
            FleetHosts.Start cold = starts.compiledByFleet(api, fleet.trustRoot(), work.resolve("cold"));
            put(report, "cold", cold);
            report.put("coldFleetCpuSeconds", Traffic.cpuSeconds(fleet) - idle);
            double before = Traffic.cpuSeconds(fleet);
            FleetHosts.Prefetched fetched = starts.prefetched(api, fleet.trustRoot(), work.resolve("prefetched"));
            put(report, "prefetch", fetched.prefetch());
            report.put("prefetchFleetCpuSeconds", Traffic.cpuSeconds(fleet) - before);
            put(report, "afterPrefetch", fetched.start());
            // Read last, because workers update the counter shortly after they publish.
            long compilations = Traffic.compilations(fleet) - probes;
            report.put("probeCompilations", probes);
            report.put("compilations", compilations);
            return compilations == starts.modules();
        }
    }

    private void byThemselves(Workspace work, FleetHosts starts, Map<String, Object> report)
            throws InterruptedException {
        put(report, "sharedFolderCold", starts.sharedFolder(work.resolve("shared")));
        put(report, "sharedFolderWarm", starts.sharedFolder(work.resolve("shared")));
        put(report, "oneHostInProcess", starts.oneInProcess());
    }

    private void put(Map<String, Object> report, String what, FleetHosts.Start start) {
        report.put(what + "LastReadySeconds", start.lastReadySeconds());
        report.put(what + "HostsCpuSeconds", start.cpuSeconds());
        err.printf(
                Locale.ROOT,
                "bench: %-18s last ready %7.1f s  CPU of hosts %7.1f s%n",
                what,
                start.lastReadySeconds(),
                start.cpuSeconds());
    }

    /** Compares with hosts that compile in-process: the time of one host, multiplied by the number of hosts. */
    private void compare(Map<String, Object> report) {
        double inProcess = number(report, "oneHostInProcessHostsCpuSeconds") * hosts;
        double cold = number(report, "coldHostsCpuSeconds") + number(report, "coldFleetCpuSeconds");
        report.put("allInProcessCpuSeconds", inProcess);
        report.put("coldCpuSeconds", cold);
        Map<String, Object> ratios = new LinkedHashMap<>();
        ratios.put("inProcessCpuToCold", inProcess / cold);
        ratios.put("inProcessCpuToColdWithStart", inProcess / (cold + number(report, "fleetStartCpuSeconds")));
        ratios.put("sharedFolderCpuToCold", number(report, "sharedFolderColdHostsCpuSeconds") / cold);
        ratios.put(
                "sharedFolderLastReadyToCold",
                number(report, "sharedFolderColdLastReadySeconds") / number(report, "coldLastReadySeconds"));
        ratios.put(
                "sharedFolderWarmLastReadyToPrefetched",
                number(report, "sharedFolderWarmLastReadySeconds")
                        / (number(report, "prefetchLastReadySeconds")
                                + number(report, "afterPrefetchLastReadySeconds")));
        report.put("ratios", ratios);
    }

    private static double number(Map<String, Object> report, String name) {
        return report.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    @Override
    void printTable(Map<String, Object> report) {
        Map<String, Object> flat = new LinkedHashMap<>(report);
        if (flat.remove("ratios") instanceof Map<?, ?> ratios) {
            ratios.forEach((name, value) -> flat.put(String.valueOf(name), value));
        }
        flat.forEach((name, value) -> out.println(String.format(
                Locale.ROOT,
                "%-38s %s",
                name,
                value instanceof Double d ? String.format(Locale.ROOT, "%.2f", d) : value)));
    }
}
