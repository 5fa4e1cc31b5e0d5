package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import dev.precast.pack.PackList;
import dev.precast.testkit.fleet.RestCalls;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real service with the packs of two Wasmtime versions, a pack whose description claims a target that the library
 * does not have, and a pack without a probe.
 */
@Tag("wasmtime")
class WasmtimePacksIT {
    private static final String[] PROFILES = {"cranelift", "winch", "pulley", "portable"};
    private static final String LYING = "wasmtime-elsewhere@50.0.1+1 cranelift";
    private static final byte[] EMPTY_COMPONENT = {0, 'a', 's', 'm', 0x0d, 0, 1, 0};
    private static final int WAIT = 120;

    @TempDir
    static Path folder;

    private static LocalService server;
    private static RestCalls rest;

    @BeforeAll
    static void start_the_service() throws Exception {
        Path packs = Files.createDirectories(folder.resolve("packs"));
        for (String version : new String[] {"48.0.0", "50.0.1"}) {
            copy("wasmtime-" + version, packs.resolve("wasmtime-" + version));
        }
        lie(packs.resolve("wasmtime-elsewhere"));
        withoutProbe(packs.resolve("wasmtime-plain"));
        PackList.write(packs);
        server = LocalService.start(
                folder.resolve("data"),
                packs,
                "-Dprecast.slots=2",
                "-Dprecast.limits.memory-mb=400",
                "-Dprecast.limits.cpu-seconds=20",
                "-Dprecast.limits.wall-seconds=60",
                "-Dprecast.limits.output-mb=64",
                "-Dprecast.retry.base=PT30M");
        rest = server.rest();
    }

    @AfterAll
    static void stop_the_service() {
        server.close();
    }

    @Test
    void one_worker_serves_two_versions_and_compiles_modules_and_components_by_every_profile() throws Exception {
        Digest module = rest.upload(TestModules.named("lua").wasm());
        Digest component = rest.upload(EMPTY_COMPONENT);
        Map<String, JsonObject> lanes = rest.lanes("wasmtime@");
        assertThat(lanes.keySet())
                .containsExactlyInAnyOrderElementsOf(Stream.of("48.0.0", "50.0.1")
                        .flatMap(v -> Stream.of(PROFILES).map(p -> "wasmtime@" + v + "+1 " + p))
                        .toList());

        for (Map.Entry<String, JsonObject> lane : lanes.entrySet()) {
            assertThat(compiled(module, lane.getValue()).kind())
                    .as(lane.getKey())
                    .isEqualTo(WasmKind.MODULE);
            assertThat(compiled(component, lane.getValue()).kind())
                    .as(lane.getKey())
                    .isEqualTo(WasmKind.COMPONENT);
        }
    }

    @Test
    void a_plain_command_is_the_same_engine_and_offers_only_supported_targets() throws Exception {
        Map<String, JsonObject> plain = rest.lanes("wasmtime-plain@");
        JsonObject bundled = rest.lanes("wasmtime@48").get("wasmtime@48.0.0+1 portable");

        assertThat(plain).containsOnlyKeys("wasmtime-plain@48.0.0+1 portable");
        JsonObject lane = plain.values().iterator().next();
        assertThat(lane.string("engineHash")).isEqualTo(bundled.string("engineHash"));
        assertThat(lane.string("target")).isEqualTo(bundled.string("target"));
        compiled(rest.upload(Bombs.good(3)), lane);
    }

    @Test
    void a_module_that_outgrows_its_memory_fails_and_others_are_compiled() throws Exception {
        JsonObject lane = rest.lanes("wasmtime@50").get("wasmtime@50.0.1+1 cranelift");
        Digest bomb = rest.upload(Bombs.loopsOverLocals(9_000, 3_000));

        assertThat(rest.compile(bomb, lane, WAIT).statusCode()).isEqualTo(503);
        JsonObject end = rest.lookup(bomb, lane);
        assertThat(end.string("state")).isEqualTo("failed");
        assertThat(end.string("cause")).isEqualTo("memory");
        assertThat(end.string("message")).isEqualTo("child: more than 400 MiB of memory");

        compiled(rest.upload(Bombs.good(1)), lane);
    }

    @Test
    void a_target_that_the_library_cannot_make_is_an_outcome_that_names_it() throws Exception {
        JsonObject lane = rest.lanes("wasmtime-elsewhere@").get(LYING);
        Digest module = rest.upload(Bombs.good(2));

        assertThat(rest.compile(module, lane, WAIT).statusCode()).isEqualTo(503);
        JsonObject end = rest.lookup(module, lane);
        assertThat(end.string("cause")).isEqualTo("crash");
        assertThat(end.string("message"))
                .startsWith("exit code 64: target aarch64-unknown-linux-gnu: ")
                .contains("compiles for x86_64-unknown-linux-gnu");
    }

    /** Of the artifact, once it is there. */
    private static CwasmFile compiled(Digest module, JsonObject lane) throws Exception {
        assertThat(rest.compile(module, lane, WAIT).statusCode()).isEqualTo(200);
        String path = Stream.of(
                        module.hex(),
                        lane.string("engine"),
                        hex(lane, "engineHash"),
                        hex(lane, "config"),
                        lane.string("target"))
                .reduce("/v1/artifacts", (left, right) -> left + "/" + right);
        HttpResponse<byte[]> payload = rest.send("GET", path, null);
        assertThat(payload.statusCode()).as(path).isEqualTo(200);
        Path file = Files.write(Files.createTempFile(folder, "payload", ".cwasm"), payload.body());
        CwasmFile cwasm = CwasmFile.read(file);
        assertThat(cwasm.engineHash()).isEqualTo(EngineHash.parse(lane.string("engineHash")));
        return cwasm;
    }

    private static String hex(JsonObject lane, String member) {
        return Digest.parse(lane.string(member)).hex();
    }

    /** A pack that says it makes code for the other architecture. */
    private static void lie(Path pack) throws IOException {
        copy("wasmtime-50.0.1", pack);
        Files.writeString(
                pack.resolve("probe.sh"), """
                echo '{"lanes":[{"profile":"cranelift","engineHash":"%s","target":"%s","format":"cwasm/1"}]}'
                """.formatted(Digest.of(new byte[0]), elsewhere(description(pack))));
        JsonObject json = description(pack);
        write(
                pack,
                json.with("engine", json.object("engine").with("name", "wasmtime-elsewhere"))
                        .with("targets", targets(json).with("cranelift", Json.ofStrings(List.of(elsewhere(json)))))
                        .with("probe", Json.ofStrings(List.of("/bin/sh", "{pack}/probe.sh"))));
    }

    /** A pack with one profile for both architectures, which only compiling tells apart. */
    private static void withoutProbe(Path pack) throws IOException {
        copy("wasmtime-48.0.0", pack);
        JsonObject json = description(pack);
        JsonObject plain = JsonObject.EMPTY
                .with("engine", json.object("engine").with("name", "wasmtime-plain"))
                .with(
                        "profiles",
                        JsonObject.EMPTY.with(
                                "portable", json.object("profiles").object("portable")))
                .with("targets", Json.ofStrings(List.of(portable(json), elsewhere(json))));
        for (String member : new String[] {"format", "jdk", "command"}) {
            plain = plain.with(member, json.get(member));
        }
        write(pack, plain);
    }

    private static JsonObject description(Path pack) throws IOException {
        return Json.parse(Files.readAllBytes(pack.resolve("engine.json"))).asObject("engine.json");
    }

    private static void write(Path pack, JsonObject description) throws IOException {
        Files.writeString(pack.resolve("engine.json"), description.canonical());
    }

    private static JsonObject targets(JsonObject description) {
        return description.object("targets");
    }

    private static String portable(JsonObject description) {
        return targets(description).array("portable").getFirst().asString("target");
    }

    /** A target that the library of this machine has no code for. */
    private static String elsewhere(JsonObject description) {
        return portable(description).startsWith("x86_64") ? "aarch64-unknown-linux-gnu" : "x86_64-unknown-linux-gnu";
    }

    private static void copy(String name, Path to) throws IOException {
        Path from = LocalService.bundledPacks().resolve(name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
