package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.host.PrecastBuilder;
import dev.precast.host.PrecastCounters;
import dev.precast.host.PrecastEvent.Tier;
import dev.precast.host.Prefetched;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.EngineLoader;
import dev.precast.load.VerifiedArtifact;
import dev.precast.pack.PackList;
import dev.precast.testing.Scale;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rolls out a compiler fix that leaves the engine hash unchanged. A warm-up compiles, in the new lane, the modules that
 * hosts of the old lane used. After that a host of the new lane needs no compilation and has no cache miss, and after a
 * prefetch it needs no service.
 */
@Tag("fleet")
final class RolloutIT {
    private static final int MODULES = Scale.of(10, 200);
    private static final String GROUP = "edge";
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void hosts_go_over_to_a_new_lane_without_one_compilation() throws Exception {
        List<byte[]> wasm =
                IntStream.range(0, MODULES).mapToObj(RolloutIT::module).toList();
        List<ModuleDigest> modules = wasm.stream().map(ModuleDigest::of).toList();
        Path packs = packs("packs", 1);
        try (LocalService service = start(packs)) {
            for (byte[] module : wasm) {
                service.rest().upload(module);
            }
            Path list = Files.writeString(
                    folder.resolve("list"),
                    modules.stream().map(m -> m + "\n").collect(Collectors.joining("", "# what runs\n", "")));
            assertThat(number(precast(service, "warm", "--modules", list.toString(), "--wait"), "present"))
                    .isEqualTo(MODULES);
            use(service, modules);
        }
        packs("packs", 2);
        Path cache = folder.resolve("new-host");
        PrecastCounters counters = new PrecastCounters();
        try (LocalService service = start(packs)) {
            JsonObject warmed = precast(service, "warm", "--engine", "chicory", "--used-within", "7d", "--wait");
            assertThat(warmed.array("lanes").getFirst().asObject("lane").string("engine"))
                    .isEqualTo(engine(2).toString());
            assertThat(number(warmed, "present")).isEqualTo(MODULES);
            try (Precast<CompiledModule> host = newHost(service, cache, counters)) {
                List<Prefetched> ready = host.prefetchUsed(Optional.of(GROUP), Duration.ofDays(7), LONG, m -> {});
                assertThat(ready).hasSize(MODULES).allMatch(Prefetched.Ready.class::isInstance);
                service.close();

                for (int i = 0; i < MODULES; i++) {
                    assertThat(run(host.load(modules.get(i), RolloutIT::notNeeded)))
                            .isEqualTo(i);
                }
            }
        }
        assertThat(counters.misses()).isZero();
        assertThat(counters.hits(Tier.DISK)).isEqualTo(MODULES);
    }

    private LocalService start(Path packs) throws IOException, InterruptedException {
        return LocalService.start(folder.resolve("data"), packs, "-Dprecast.slots=2");
    }

    /** A host of the old lane loads everything and says so. */
    private void use(LocalService service, List<ModuleDigest> modules) throws Exception {
        try (Precast<CompiledModule> host = host(new ChicoryLoader(), service, folder.resolve("old-host"))
                .usageGroup(GROUP)
                .reportUsageEvery(Duration.ofSeconds(1))
                .build()) {
            modules.forEach(module -> host.load(module, RolloutIT::notNeeded));
            long end = System.nanoTime() + LONG.toNanos();
            while (service.source().used(Optional.of(GROUP), Duration.ofDays(1)).size() < MODULES) {
                assertThat(System.nanoTime()).as("usage is reported").isLessThan(end);
                Thread.sleep(200);
            }
        }
    }

    private static Precast<CompiledModule> newHost(LocalService service, Path cache, PrecastCounters counters) {
        return host(new NextRevision(), service, cache).listener(counters).build();
    }

    private static PrecastBuilder<CompiledModule> host(
            EngineLoader<CompiledModule> loader, LocalService service, Path cache) {
        return Precast.builder(loader)
                .source(service.source())
                .trustRoot(service.trustRoot())
                .diskCache(cache, 1L << 30)
                .onMiss(MissPolicy.fail());
    }

    private static byte[] notNeeded() throws IOException {
        throw new IOException("a host that has the artifact needs no wasm bytes");
    }

    private static long run(CompiledModule module) {
        return Instance.builder(module.wasmModule())
                .withMachineFactory(module.machineFactory())
                .build()
                .export("f")
                .apply()[0];
    }

    /** The load side of the next revision, which differs in its number alone. */
    private static final class NextRevision implements EngineLoader<CompiledModule> {
        private final ChicoryLoader loader = new ChicoryLoader();

        @Override
        public List<Lane> lanes() {
            return loader.lanes().stream()
                    .map(lane -> new Lane(engine(2), lane.engineHash(), lane.config(), lane.target()))
                    .toList();
        }

        @Override
        public CompiledModule load(VerifiedArtifact artifact) throws IOException, RefusedException {
            Attestation a = artifact.attestation();
            assertThat(a.lane()).isEqualTo(lanes().getFirst());
            Attestation before = new Attestation(
                    a.module(),
                    a.moduleBytes(),
                    loader.lanes().getFirst(),
                    a.format(),
                    a.payload(),
                    a.compressed(),
                    a.index(),
                    a.pack(),
                    a.runtime(),
                    a.builder(),
                    a.startedOn(),
                    a.finishedOn());
            return loader.load(new VerifiedArtifact(before, artifact.payload(), artifact.extraMembers()));
        }

        @Override
        public CompiledModule interpret(byte[] wasm) {
            return loader.interpret(wasm);
        }
    }

    private static EngineId engine(int revision) {
        EngineId now = new ChicoryLoader().lanes().getFirst().engine();
        return new EngineId(now.name(), now.version(), now.revision() + revision - 1);
    }

    /** Adds Chicory's pack in that revision to a folder of packs. */
    private Path packs(String name, int revision) throws IOException, InterruptedException {
        Path packs = Files.createDirectories(folder.resolve(name));
        try (DirectoryStream<Path> built = Files.newDirectoryStream(LocalService.bundledPacks(), "chicory-*")) {
            Path from = built.iterator().next();
            copy(from, packs.resolve("revision-" + revision));
        }
        Path description = packs.resolve("revision-" + revision).resolve("engine.json");
        JsonObject json = Json.parse(Files.readAllBytes(description)).asObject("engine.json");
        JsonObject engine =
                json.object("engine").with("revision", engine(revision).revision());
        Files.writeString(description, json.with("engine", engine).canonical());
        PackList.write(packs);
        return packs;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Runs the packaged command line, which must end well; its document. */
    private JsonObject precast(LocalService service, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(LocalService.COMMAND_LINE);
        command.addAll(List.of(words));
        command.add("--json");
        Path errors = folder.resolve("errors");
        ProcessBuilder program = new ProcessBuilder(command).redirectError(errors.toFile());
        program.environment().putAll(service.environment());
        Process process = program.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out + Files.readString(errors)).isZero();
        return Json.parse(out.strip()).asObject("standard output");
    }

    private static long number(JsonObject from, String name) {
        return from.integer(name, 0, Json.MAX_INT);
    }

    /** (module (func (export "f") (result i32) i32.const number)). */
    private static byte[] module(int number) {
        ByteArrayOutputStream constant = new ByteArrayOutputStream();
        constant.write((number & 0x7f) | 0x80);
        constant.write(number >> 7); // Two bytes of LEB128 hold it: it is below 2^13.
        String body = "0041" + HexFormat.of().formatHex(constant.toByteArray()) + "0b";
        return HexFormat.of()
                .parseHex("0061736d01000000" + "010501600001" + "7f" + "03020100" + "0705010166" + "0000" + "0a07"
                        + "0105" + body);
    }
}
