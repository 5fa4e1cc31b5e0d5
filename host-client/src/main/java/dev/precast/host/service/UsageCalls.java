package dev.precast.host.service;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reports and lists of loaded modules. Thread safe. */
final class UsageCalls {
    private final DocumentCalls documents;
    private final DocumentCalls reporting;

    /** @param reporting separate calls for reports, so that a failed report does not make loads fail at once */
    UsageCalls(DocumentCalls documents, DocumentCalls reporting) {
        this.documents = documents;
        this.reporting = reporting;
    }

    /** See {@link dev.precast.host.UsageService#report}. */
    void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) throws IOException {
        List<Json> uses = new ArrayList<>();
        loads.forEach((lane, counts) -> {
            Map<String, Json> modules = new TreeMap<>();
            counts.forEach((module, count) -> modules.put(module.digest().hex(), Json.of(count)));
            uses.add(JsonObject.EMPTY.with("lane", lane.digest().toString()).with("modules", new JsonObject(modules)));
        });
        JsonObject report = JsonObject.EMPTY.with("uses", Json.of(uses));
        reporting.answer(
                reporting.posting(Paths.USAGE, group.isPresent() ? report.with("group", group.get()) : report),
                Duration.ZERO,
                DocumentCalls.MAX_SMALL_ANSWER);
    }

    /** See {@link dev.precast.host.UsageService#used}. */
    List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException {
        String path = Paths.USAGE + group.map(name -> "/" + name).orElse("") + "?within="
                + Math.max(1, within.toSeconds() / 60) + "m";
        JsonObject answer = documents.get(path);
        try {
            List<ModuleDigest> modules = new ArrayList<>();
            for (Json module : answer.array("modules")) {
                modules.add(ModuleDigest.parse(module.asString("modules")));
            }
            return modules;
        } catch (IllegalArgumentException e) {
            throw documents.malformed(path, e);
        }
    }
}
