package dev.precast.engine.wasmtime.load;

import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.engine.wasmtime.capi.EngineConfig;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one of this host's engines. It decides which lanes the engine loads.
 *
 * @param config a value for every option of the library
 * @param target the target whose code the engine runs
 */
record Configured(EngineConfig config, Target target) {
    static Configured of(Profile profile, WasmtimeLibrary library) {
        return new Configured(profile.config(library), profile.target());
    }

    /**
     * The options (and the target) in which a lane differs from this configuration, with both values; empty if the lane
     * fits.
     */
    List<String> differences(Lane lane) {
        Map<String, Json> theirs = lane.config().options().members();
        Map<String, Json> ours = config.options().members();
        Set<String> names = new TreeSet<>(theirs.keySet());
        names.addAll(ours.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String artifact = text(theirs.get(name));
            String host = text(ours.get(name));
            if (!artifact.equals(host)) {
                differences.add(difference(name, artifact, host));
            }
        }
        if (!lane.target().equals(target)) {
            differences.add(difference("target", lane.target().name(), target.name()));
        }
        return differences;
    }

    static String difference(String name, String artifact, String host) {
        return name + ": artifact " + artifact + ", host " + host;
    }

    private static String text(@Nullable Json value) {
        return value == null ? "(no such option)" : value.canonical();
    }
}
