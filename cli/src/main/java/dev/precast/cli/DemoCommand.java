package dev.precast.cli;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.JsonObject;
import dev.precast.launcher.Installation;
import dev.precast.launcher.PrecastServer;
import dev.precast.launcher.ServerProcess;
import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "Runs CPython in fresh JVMs: in one that compiles it, and in two that load it through Precast.")
final class DemoCommand implements Callable<Exit> {
    private static final String MODULE = "cpython";
    private static final String PROGRAM = "print('Hello from CPython:', sum(i * i for i in range(1000)))";
    private static final String EXPECTED = "Hello from CPython: 332833500\n";
    private static final long COMPILE_SECONDS = 600;

    @Mixin
    private final Common common;

    @Option(names = "--module", hidden = true, description = "A WASI command in CPython's place, for tests.")
    private Path other = Path.of("");

    DemoCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, InterruptedException {
        Installation installation = common.around().installation();
        FreshJvm jvm = new FreshJvm(Installation.built(installation.benchJar()));
        Path module = other.toString().isEmpty() ? fetch(installation) : other;
        Path work = Files.createTempDirectory("precast-demo");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> forget(work)));
        say("starting the embedded service, data in " + work.resolve("data"));
        Path data = work.resolve("data");
        List<String> packs = ServeCommand.packs(common.around(), installation);
        try (ServerProcess server = PrecastServer.start(installation, data, packs, this::say)) {
            ServiceClient service =
                    ServiceClient.builder(server.address()).localToken(data).build();
            say("the service listens on " + server.address() + " and trusts root "
                    + Files.readString(root(data)).strip());
            JsonObject compiled = compile(service, module);
            Map<String, FreshJvm.Run> runs = new LinkedHashMap<>();
            Path disk = work.resolve("disk-cache");
            runs.put("compiled in-process", run(jvm, "in-process", module, work, server, data));
            runs.put("Precast, empty disk cache", run(jvm, "precast-empty-disk", module, disk, server, data));
            runs.put("Precast, from disk", run(jvm, "precast-disk", module, disk, server, data));
            return report(compiled, runs);
        } finally {
            forget(work);
        }
    }

    private Path fetch(Installation installation) throws IOException, InterruptedException {
        say("downloading CPython (26 MB) with npm, unless it is present");
        Process fetch = new ProcessBuilder(installation.fetchCorpus().toString(), MODULE)
                .redirectErrorStream(true)
                .start();
        String told = new String(fetch.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (fetch.waitFor() != 0) {
            throw new CommandFailed(
                    Exit.OTHER,
                    "not-fetched",
                    "CPython: download failed: " + told.strip().replace("\n", "; "));
        }
        Path folder = common.around()
                .variable("PRECAST_CORPUS")
                .map(Path::of)
                .orElseGet(() ->
                        common.around().userFolder("XDG_CACHE_HOME", ".cache").resolve("corpus"));
        return Modules.existing(folder.resolve(MODULE + ".wasm"));
    }

    private JsonObject compile(ServiceClient service, Path module) throws IOException {
        ModuleDigest digest =
                Modules.digest(PushCommand.push(common, service, module).string("digest"));
        OfferedLane lane = new LaneChoice().in(service);
        JsonObject result = CompileCommand.compile(common, service, lane, digest, module.toString(), COMPILE_SECONDS);
        if (!result.string("state").equals("present")) {
            throw new CommandFailed(
                    Exit.NOT_FOUND,
                    "not-compiled",
                    module + ": not compiled after 10 minutes (state " + result.string("state") + ")");
        }
        return result;
    }

    private FreshJvm.Run run(FreshJvm jvm, String mode, Path module, Path folder, ServerProcess server, Path data)
            throws IOException, InterruptedException {
        say("running the module in a fresh JVM: " + mode);
        List<String> words = new ArrayList<>(List.of(
                mode,
                module.toString(),
                "sha256:" + Modules.digestOf(module).hex(),
                folder.toString(),
                server.address().toString(),
                root(data).toString(),
                ""));
        words.addAll(List.of("python", "-c", PROGRAM));
        return jvm.run(words);
    }

    private Exit report(JsonObject compiled, Map<String, FreshJvm.Run> runs) {
        List<String> printed =
                runs.values().stream().map(FreshJvm.Run::printed).distinct().toList();
        boolean equal = printed.size() == 1;
        boolean right = equal && (!other.toString().isEmpty() || printed.get(0).equals(EXPECTED));
        JsonObject document =
                JsonObject.EMPTY.with("compiled", compiled).with("equal", dev.precast.json.Json.of(equal));
        JsonObject all = JsonObject.EMPTY;
        StringBuilder lines = new StringBuilder("\npython -c \"" + PROGRAM + "\"\n");
        runs.forEach((name, run) -> lines.append(
                String.format(Locale.ROOT, "  %-26s %s%n", name, run.printed().strip())));
        lines.append(String.format(
                Locale.ROOT,
                "%n%-28s %12s %12s %10s %12s%n",
                "fresh JVM",
                "ready after",
                "done after",
                "CPU",
                "peak memory"));
        for (Map.Entry<String, FreshJvm.Run> entry : runs.entrySet()) {
            FreshJvm.Run run = entry.getValue();
            all = all.with(entry.getKey(), run.toJson());
            lines.append(String.format(
                    Locale.ROOT,
                    "%-28s %12s %12s %10s %12s%n",
                    entry.getKey(),
                    Units.time(Duration.ofMillis(run.readyMs())),
                    Units.time(Duration.ofMillis(run.doneMs())),
                    Units.time(Duration.ofMillis(run.cpuMs())),
                    Units.bytes(run.rssKib() * 1024)));
        }
        lines.append(
                right
                        ? "\nThe outputs are equal. The service compiled the module once, in "
                                + Units.time(Duration.ofMillis(compiled.integer("ms", 0, Long.MAX_VALUE))) + "."
                        : equal
                                ? "\nThe outputs above are wrong (expected " + EXPECTED.strip() + ")."
                                : "\nThe outputs above differ (expected three equal ones).");
        common.print(document.with("runs", all), lines.toString());
        return right ? Exit.OK : Exit.OTHER;
    }

    private static Path root(Path data) {
        return data.resolve("trust").resolve("root.pub");
    }

    private void say(String what) {
        common.around().err().println("precast: " + what);
    }

    private static void forget(Path work) {
        try {
            if (Files.exists(work)) {
                VerifyCommand.delete(work);
            }
        } catch (IOException e) {
            // A temporary folder, which the system deletes.
        }
    }
}
