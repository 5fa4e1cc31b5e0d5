package dev.precast.cli;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.RefusedException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** A folder that holds the artifacts of a list and nothing else that {@link ArtifactDownload} would write. */
final class SyncFolder {
    static final String INDEX = "synced.json";

    private static final int MAX_LOOKUP = 1000;
    private static final Pattern OURS = Pattern.compile("[a-f0-9]{64}(\\.dsse\\.json)?");

    private final Service service;
    private final ArtifactDownload download;
    private final Path folder;
    private final boolean request;

    SyncFolder(Service service, ArtifactDownload download, Path folder, boolean request) {
        this.service = service;
        this.download = download;
        this.folder = folder;
        this.request = request;
    }

    /**
     * What a pass came to.
     *
     * @param exit OK if everything is there; else the worst that was met
     * @param present how many modules are there
     * @param missing one line for each that is not
     */
    record Pass(Exit exit, int present, List<String> missing) {
        Pass {
            missing = List.copyOf(missing);
        }

        static Pass failed(Exit exit, String why) {
            return new Pass(exit, 0, List.of(why));
        }

        JsonObject toJson() {
            return JsonObject.EMPTY
                    .with("present", present)
                    .with("missing", Json.of(missing.stream().map(Json::of).toList()))
                    .with("exit", exit.code());
        }

        String line() {
            return present + " present, " + missing.size() + " missing"
                    + (missing.isEmpty() ? "" : "\n  " + String.join("\n  ", missing));
        }
    }

    /** Brings what is wanted, then removes what is not. */
    Pass pass(Set<ModuleDigest> wanted, LaneId lane) throws IOException, RefusedException {
        ArtifactDownload.Policy policy = download.policy();
        List<ModuleDigest> all = List.copyOf(wanted);
        List<Json> index = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Set<String> kept = new HashSet<>();
        Exit exit = Exit.OK;
        for (int from = 0; from < all.size(); from += MAX_LOOKUP) {
            List<ModuleDigest> some = all.subList(from, Math.min(all.size(), from + MAX_LOOKUP));
            List<JsonObject> found = lookup(some, lane);
            for (int i = 0; i < some.size(); i++) {
                ArtifactKey key = lane.key(some.get(i));
                try {
                    index.add(bring(policy, key, found.get(i), kept));
                } catch (CommandFailed e) {
                    missing.add(key.module() + ": " + e.text());
                    exit = worse(exit, e.exit());
                } catch (RefusedException e) {
                    missing.add(key.module() + ": verification failed: " + e.getMessage());
                    exit = worse(exit, Exit.UNVERIFIED);
                }
            }
        }
        Files.createDirectories(folder);
        download.write(INDEX, Service.bytes(JsonObject.EMPTY.with("modules", Json.of(index))));
        removeAllBut(kept);
        return new Pass(exit, index.size(), missing);
    }

    private List<JsonObject> lookup(List<ModuleDigest> modules, LaneId lane) {
        JsonObject asked = JsonObject.EMPTY
                .with(
                        "modules",
                        Json.of(modules.stream().map(m -> Json.of(m.toString())).toList()))
                .with(
                        "lanes",
                        Json.of(List.of(JsonObject.EMPTY
                                .with("engine", lane.engine().toString())
                                .with("engineHash", lane.engineHash().toString())
                                .with("config", lane.config().toString())
                                .with("target", lane.target().name()))));
        List<Json> results = service.post("/v1/lookups", asked, 0).json().array("results");
        if (results.size() != modules.size()) {
            throw new CommandFailed(
                    Exit.OTHER, "bad-answer", "asked for " + modules.size() + " modules, got " + results.size());
        }
        return results.stream().map(result -> result.asObject("result")).toList();
    }

    private Json bring(ArtifactDownload.Policy policy, ArtifactKey key, JsonObject found, Set<String> kept)
            throws IOException, RefusedException {
        switch (found.string("state")) {
            case "present" -> {
                Verification verified = download.bring(policy, key.digest(), found);
                Path file = download.file(verified.attestation());
                kept.add(String.valueOf(file.getFileName()));
                kept.add(key.digest().hex() + ArtifactDownload.ATTESTATION);
                return JsonObject.EMPTY
                        .with("module", key.module().toString())
                        .with("file", String.valueOf(file.getFileName()))
                        .with("bytes", verified.attestation().payload().size())
                        .with("engine", key.lane().engine().toString())
                        .with("engineHash", key.lane().engineHash().toString())
                        .with("target", key.lane().target().name())
                        .with("format", verified.attestation().format());
            }
            case "rejected" ->
                throw new CommandFailed(
                        Exit.REJECTED, "module-rejected", found.string("code") + ": " + found.string("message"));
            case "failed" -> throw new CommandFailed(Exit.NOT_FOUND, "compilation-failed", found.string("message"));
            case "compiling" -> throw new CommandFailed(Exit.NOT_FOUND, "not-compiled", "being compiled");
            default -> throw new CommandFailed(Exit.NOT_FOUND, "not-compiled", request ? asked(key) : "not compiled");
        }
    }

    private String asked(ArtifactKey key) {
        LaneId lane = key.lane();
        service.post(
                "/v1/compilations",
                JsonObject.EMPTY
                        .with("module", key.module().toString())
                        .with("engine", lane.engine().toString())
                        .with("engineHash", lane.engineHash().toString())
                        .with("config", lane.config().toString())
                        .with("target", lane.target().name())
                        .with("priority", "warm"),
                0);
        return "asked for";
    }

    /** Hosts that have a file open or mapped keep it: files leave by unlink only. */
    private void removeAllBut(Set<String> kept) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (OURS.matcher(name).matches() && !kept.contains(name)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static final List<Exit> FROM_BAD_TO_WORSE =
            List.of(Exit.OK, Exit.NOT_FOUND, Exit.REJECTED, Exit.UNREACHABLE, Exit.OTHER, Exit.UNVERIFIED);

    private static Exit worse(Exit a, Exit b) {
        return FROM_BAD_TO_WORSE.indexOf(b) > FROM_BAD_TO_WORSE.indexOf(a) ? b : a;
    }
}
