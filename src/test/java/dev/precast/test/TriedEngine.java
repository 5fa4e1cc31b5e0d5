package dev.precast.test;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.engine.wasmtime.capi.EngineConfig;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A configuration of Wasmtime whose artifacts the engines of all other configurations try to load: a profile, or the
 * profile {@code cranelift} with another target, an option changed, or two options switched off together.
 *
 * @param version exact version of the library
 * @param name the profile, or the change
 */
record TriedEngine(String version, String name, JsonObject options, Target target) {
    static final List<String> MODULES = List.of("empty", "small");

    private static final Map<String, List<Json>> OTHER_VALUES = Map.of(
            "strategy",
            List.of(), // Winch cannot do what Cranelift's other defaults ask for; it has a profile.
            "cranelift_opt_level",
            List.of(Json.of("none"), Json.of("speed_and_size")),
            "cranelift_regalloc_algorithm",
            List.of(Json.of("single_pass")),
            "cranelift_flags",
            List.of(JsonObject.EMPTY.with("enable_alias_analysis", "false")),
            "memory_reservation",
            List.of(Json.of(1L << 30), Json.of(0)),
            "memory_guard_size",
            List.of(Json.of(1L << 16), Json.of(0)),
            "memory_reservation_for_growth",
            List.of(Json.of(1L << 20)));

    /** Options that cannot be off without another one. */
    private static final Map<String, String> ONLY_WITH = Map.of(
            "concurrency_support",
            "wasm_component_model_async",
            "wasm_reference_types",
            "wasm_component_model_async",
            "wasm_simd",
            "wasm_relaxed_simd");

    static Path library(String version) {
        return LocalService.HOME
                .resolve("engines/target/wasmtime")
                .resolve(version)
                .resolve(System.mapLibraryName("wasmtime"));
    }

    /** All of one version; whether they can be made only trying tells. */
    static List<TriedEngine> of(String version) {
        WasmtimeLibrary library = WasmtimeLibrary.load(library(version));
        List<TriedEngine> all = new ArrayList<>();
        for (Profile profile : Profile.values()) {
            all.add(new TriedEngine(
                    version, profile.key(), profile.config(library).options(), profile.target()));
        }
        JsonObject standard = Profile.CRANELIFT.config(library).options();
        Target target = Profile.CRANELIFT.target();
        String triple = Profile.PORTABLE.target().name();
        all.add(new TriedEngine(version, "target " + triple, standard, new Target(triple)));
        if (triple.startsWith("x86_64")) {
            Target third = new Target(triple + "+x86-64-v3");
            all.add(new TriedEngine(version, "target " + third, standard, third));
        }
        standard.members().forEach((option, value) -> {
            List<Json> others = value instanceof Json.Bool bool
                    ? List.of(Json.of(!bool.value()))
                    : OTHER_VALUES.getOrDefault(option, List.of());
            for (Json other : others) {
                all.add(new TriedEngine(
                        version, option + " " + other.canonical(), standard.with(option, other), target));
            }
        });
        ONLY_WITH.forEach((option, other) -> all.add(new TriedEngine(
                version,
                option + " false, " + other + " false",
                standard.with(option, Json.of(false)).with(other, Json.of(false)),
                target)));
        return all;
    }

    EngineConfig config() {
        return new EngineConfig(options);
    }

    /** The lane in which a worker with this configuration offers artifacts. */
    Lane lane(EngineHash hash) {
        return new Lane(EngineId.parse("wasmtime@" + version + "+1"), hash, new CompileConfig(options), target);
    }

    /** Where its artifact of a module lies. */
    Path artifact(Path folder, String module) {
        Digest of = Digest.of(toString().getBytes(StandardCharsets.UTF_8));
        return folder.resolve(of.hex() + "." + module);
    }

    boolean isProfile() {
        return !name.contains(" ");
    }

    @Override
    public String toString() {
        return version + ", " + name;
    }

    static Path write(List<TriedEngine> engines, Path file) throws IOException {
        return Files.write(
                file,
                engines.stream()
                        .map(engine -> JsonObject.EMPTY
                                .with("version", engine.version)
                                .with("name", engine.name)
                                .with("options", engine.options)
                                .with("target", engine.target.name())
                                .canonical())
                        .toList());
    }

    static List<TriedEngine> read(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> Json.parse(line).asObject("engine"))
                .map(json -> new TriedEngine(
                        json.string("version"),
                        json.string("name"),
                        json.object("options"),
                        new Target(json.string("target"))))
                .toList();
    }
}
