package dev.precast.bench;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.host.service.ServiceClient;
import dev.precast.launcher.Installation;
import dev.precast.launcher.ServerProcess;
import dev.precast.module.EmptyModule;
import dev.precast.protocol.KeyState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compile",
        mixinStandardHelpOptions = true,
        description = "Compares compile times of Precast's default profile and Chicory's default settings, and "
                + "measures how much time the service adds.")
final class CompileBenchCommand extends BenchCommand {
    private static final Duration LONGEST = Duration.ofSeconds(300);

    @Parameters(index = "0", paramLabel = "FILE", description = "A module.")
    private Path file = Path.of("");

    @Option(names = "--runs", defaultValue = "3", description = "Number of runs. Default: ${DEFAULT-VALUE}.")
    private int runs;

    CompileBenchCommand(PrintStream out, PrintStream err) {
        super(out, err);
    }

    /** The times of one round in milliseconds. */
    private record Round(double profile, double defaults, double empty, double service) {
        /** The speedup of the profile in this round. */
        double speedup() {
            return defaults / profile;
        }

        /** The compiler's time: the time of the child minus the time of a child that compiles the empty module. */
        double own() {
            return profile - empty;
        }

        double addedPercent() {
            return 100 * (service - own()) / own();
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        byte[] wasm = Files.readAllBytes(file);
        PackChild child = PackChild.of(Installation.current().packs());
        List<Round> rounds = new ArrayList<>();
        try (Workspace work = Workspace.create();
                ServerProcess service = Installed.service(work, err)) {
            ServiceClient client = Installed.client(service, work);
            for (int run = 0; run < runs; run++) {
                byte[] variant = variant(wasm, run);
                ModuleDigest digest = ModuleDigest.of(variant);
                client.upload(digest, variant.length, () -> new ByteArrayInputStream(variant));
                Round round = new Round(
                        child.compile(variant, work.folder()),
                        child.compileByDefaults(variant, work.folder()),
                        child.compile(EmptyModule.wasm(), work.folder()),
                        compile(client, digest));
                err.printf(
                        Locale.ROOT,
                        "bench: run %d of %d  profile %.1f s  Chicory's defaults %.1f s  empty module %.2f s  "
                                + "service %.1f s%n",
                        run + 1,
                        runs,
                        round.profile / 1000,
                        round.defaults / 1000,
                        round.empty / 1000,
                        round.service / 1000);
                rounds.add(round);
            }
        }
        report(rounds);
        return 0;
    }

    /** Time in milliseconds from the request to compile a stored module to the answer that the artifact exists. */
    private static double compile(ServiceClient client, ModuleDigest module) throws IOException {
        LaneId lane = client.lanes().stream()
                .filter(offer -> offer.lane().engine().name().equals("chicory")
                        && offer.profile().equals("default"))
                .findFirst()
                .orElseThrow(() -> new IOException("service: no lane of Chicory's default profile"))
                .lane()
                .id();
        long start = System.nanoTime();
        KeyState state = client.compile(lane.key(module), LONGEST);
        if (!(state instanceof KeyState.Present)) {
            throw new IOException(
                    "module " + module + ": expected an artifact within " + LONGEST.toSeconds() + " s, found " + state);
        }
        return (System.nanoTime() - start) / 1e6;
    }

    /**
     * The same module with an additional custom section, so that the digest differs and the service compiles it again.
     */
    static byte[] variant(byte[] wasm, int run) {
        byte[] name = "run".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream changed = new ByteArrayOutputStream(wasm.length + 8);
        changed.writeBytes(wasm);
        changed.write(0);
        changed.write(1 + name.length + 1);
        changed.write(name.length);
        changed.writeBytes(name);
        changed.write(run);
        return changed.toByteArray();
    }

    private void report(List<Round> rounds) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file.toString());
        putMachine(report);
        report.put("runs", rounds.size());
        report.put("profileMs", Measure.median(rounds, Round::profile));
        report.put("chicoryDefaultsMs", Measure.median(rounds, Round::defaults));
        report.put("speedup", Measure.median(rounds, Round::speedup));
        report.put("emptyModuleMs", Measure.median(rounds, Round::empty));
        report.put("compilerMs", Measure.median(rounds, Round::own));
        report.put("serviceMs", Measure.median(rounds, Round::service));
        report.put("serviceAddsPercent", Measure.median(rounds, Round::addedPercent));
        print(report);
    }

    @Override
    void printTable(Map<String, Object> report) {
        report.forEach((name, value) -> out.println(
                String.format(Locale.ROOT, "%-20s %s", name, value instanceof Double d ? "%.1f".formatted(d) : value)));
    }
}
