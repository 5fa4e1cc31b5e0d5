package dev.precast.precompiler;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.pack.PackFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * A folder with everything to compile for one engine, described by its {@code engine.json}. See
 * {@code docs/explanation/packs.md}.
 *
 * @param folder the pack's folder
 * @param files the pack's files and digest
 * @param engine the engine that the pack compiles for
 * @param format the format of its payloads
 * @param profiles configs by name, with all defaults written out
 * @param targets targets by profile
 * @param commands the commands, with placeholders
 */
record EnginePack(
        Path folder,
        PackFiles files,
        EngineId engine,
        String format,
        Map<String, CompileConfig> profiles,
        Map<String, Set<Target>> targets,
        Commands commands) {
    private static final Set<String> MEMBERS =
            Set.of("engine", "format", "profiles", "targets", "command", "probe", "version", "check", "jdk");

    EnginePack {
        profiles = Map.copyOf(profiles);
        targets = Map.copyOf(targets);
    }

    /**
     * The commands of a pack, with placeholders.
     *
     * @param compile compiles a module
     * @param probe prints the lanes; empty if the worker compiles the empty module to find them
     * @param version prints the compiler's version; empty if the pack has no such command
     * @param check loads an artifact; empty if the pack has no such command
     */
    record Commands(List<String> compile, List<String> probe, List<String> version, List<String> check) {
        Commands {
            check = List.copyOf(check);
            compile = List.copyOf(compile);
            probe = List.copyOf(probe);
            version = List.copyOf(version);
        }
    }

    /**
     * Reads and hashes a pack.
     *
     * @throws IOException if a file cannot be read or is not a regular file
     * @throws IllegalArgumentException if engine.json is malformed; the message names the member
     */
    static EnginePack read(Path folder) throws IOException {
        PackFolder pack = PackFolder.of(folder);
        PackFiles files = PackFiles.of(pack);
        JsonObject json = pack.description().only(PackFolder.DESCRIPTION, MEMBERS);
        Map<String, CompileConfig> profiles = new TreeMap<>();
        json.object("profiles")
                .members()
                .forEach((name, config) -> profiles.put(name, new CompileConfig(config.asObject("profile " + name))));
        if (profiles.isEmpty()) {
            throw new JsonException(PackFolder.DESCRIPTION + ": expected at least one profile");
        }
        return new EnginePack(
                folder,
                files,
                PackFolder.engine(json),
                json.string("format"),
                profiles,
                targets(json.get("targets"), profiles.keySet()),
                new Commands(
                        words(json, "command"),
                        optional(json, "probe"),
                        optional(json, "version"),
                        optional(json, "check")));
    }

    /** Parses the targets: an array for all profiles, or an object with an array for each profile. */
    private static Map<String, Set<Target>> targets(Json json, Set<String> profiles) {
        Map<String, Set<Target>> targets = new TreeMap<>();
        if (json instanceof JsonObject byProfile) {
            byProfile.only("targets", profiles);
        }
        for (String profile : profiles) {
            Json own = json instanceof JsonObject byProfile ? byProfile.get(profile) : json;
            Set<Target> found = new LinkedHashSet<>();
            own.asArray("targets").forEach(target -> found.add(new Target(target.asString("targets"))));
            if (found.isEmpty()) {
                throw new JsonException("targets: expected at least one for profile " + profile);
            }
            targets.put(profile, Collections.unmodifiableSet(found));
        }
        return targets;
    }

    private static List<String> optional(JsonObject json, String name) {
        return json.find(name).isPresent() ? words(json, name) : List.of();
    }

    private static List<String> words(JsonObject json, String name) {
        List<String> words = new ArrayList<>();
        json.array(name).forEach(word -> words.add(word.asString(name)));
        if (words.isEmpty()) {
            throw new JsonException(name + ": expected at least one word");
        }
        return words;
    }

    /** The targets of a profile. */
    Set<Target> targets(String profile) {
        return Objects.requireNonNull(targets.get(profile), profile);
    }

    Digest digest() {
        return files.digest();
    }

    @Override
    public String toString() {
        return engine + " (" + digest() + ")";
    }
}
