package dev.precast.engine.wasmtime.compile;

import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.module.CwasmFile;
import java.util.ArrayList;
import java.util.List;

/** Writes the {@code engine.json} of a pack. */
final class PackDescription {
    /** The pack's revision. Increase it with each change that may change artifacts. */
    private static final int REVISION = 1;

    /**
     * The start of a command: Java and its options. A small heap is enough, because modules are mapped and Wasmtime
     * allocates outside the heap.
     */
    private static final List<String> JAVA =
            List.of("{java}", "{aot}", "-Xmx64m", "-Xss1m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private PackDescription() {}

    /**
     * @param version exact version, such as {@code 48.0.0}
     * @param libraryName file name in the pack's {@code lib} folder
     * @param profiles the supported profiles
     * @throws IllegalArgumentException if {@code version} does not begin with the library's major version
     */
    static JsonObject of(WasmtimeLibrary library, String version, String libraryName, List<Profile> profiles) {
        if (!version.startsWith(library.majorVersion() + ".")) {
            throw new IllegalArgumentException("version: " + version
                    + " is not the library's version (expected major version " + library.majorVersion() + ")");
        }
        JsonObject configs = JsonObject.EMPTY;
        JsonObject targets = JsonObject.EMPTY;
        for (Profile profile : profiles) {
            configs = configs.with(profile.key(), profile.config(library).options());
            targets = targets.with(
                    profile.key(), Json.ofStrings(List.of(profile.target().toString())));
        }
        String shared = "{pack}/lib/" + libraryName;
        return JsonObject.EMPTY
                .with(
                        "engine",
                        JsonObject.EMPTY
                                .with("name", "wasmtime")
                                .with("version", version)
                                .with("revision", REVISION))
                .with("format", CwasmFile.FORMAT)
                .with("profiles", configs)
                .with("targets", targets)
                .with("jdk", Json.of(true))
                .with("command", command("compile", shared, "{in}", "{out}", "{config}", "{target}"))
                .with("probe", command("probe", shared, "{pack}/engine.json"));
    }

    private static Json command(String... arguments) {
        List<String> words = new ArrayList<>(JAVA);
        words.addAll(List.of("-jar", "{pack}/lib/precast-engine-wasmtime-compile.jar"));
        words.addAll(List.of(arguments));
        return Json.ofStrings(words);
    }
}
