package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.host.Finding;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ArtifactFolder;
import dev.precast.protocol.KeyJson;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A folder that holds the artifacts of a list and nothing else that {@link ArtifactDownload} would write. What it holds of
 * an older lane stays until there is the same module's of the newest.
 */
final class SyncFolder {
    private final ServiceClient service;
    private final ArtifactDownload download;
    private final LaneChoice choice;
    private final Path folder;
    private final boolean request;

    SyncFolder(ServiceClient service, ArtifactDownload download, LaneChoice choice, Path folder, boolean request) {
        this.service = service;
        this.download = download;
        this.choice = choice;
        this.folder = folder;
        this.request = request;
    }

    /**
     * What a pass came to.
     *
     * @param exit OK if everything is there in the newest lane; else the worst that was met
     * @param wanted how many modules are on the list
     * @param present how many of them the folder has a verified file of, be it of an older lane
     * @param missing one line for each that the newest lane has not, or what else went wrong
     */
    record Pass(Exit exit, int wanted, int present, List<String> missing) {
        Pass {
            missing = List.copyOf(missing);
        }

        /** Whether a host finds all that is on the list. */
        boolean ready() {
            return present == wanted;
        }

        /** The list could never be read, so nobody knows what is missing. */
        static Pass withoutList(CommandFailed why) {
            return new Pass(why.exit(), 1, 0, List.of(why.text()));
        }

        /** The same by the last list, as this one cannot be read. */
        Pass byLastList(CommandFailed why) {
            List<String> all = new ArrayList<>(missing);
            all.add(why.text() + "; the list as it was counts");
            return new Pass(exit == Exit.OK ? why.exit() : exit, wanted, present, all);
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
    Pass pass(Set<ModuleDigest> wanted) throws IOException, RefusedException {
        ArtifactDownload.Policy policy = download.policy();
        LaneId lane = choice.in(service).lane().id();
        List<ModuleDigest> all = List.copyOf(wanted);
        Map<ModuleDigest, Verification> there = new LinkedHashMap<>();
        Map<ModuleDigest, String> missing = new LinkedHashMap<>();
        Exit exit = Exit.OK;
        for (Finding found : service.find(all, List.of(lane))) {
            ModuleDigest module = found.key().module();
            try {
                there.put(module, bring(policy, found));
            } catch (ServiceException e) {
                missing.put(module, Problems.failure(e).text());
                exit = worse(exit, Problems.failure(e).exit());
            } catch (CommandFailed e) {
                missing.put(module, e.text());
                exit = worse(exit, e.exit());
            } catch (RefusedException e) {
                missing.put(module, "verification failed: " + e.getMessage());
                exit = worse(exit, Exit.UNVERIFIED);
            }
        }
        Files.createDirectories(folder);
        download.keep(policy);
        there.putAll(kept(policy, missing.keySet()));
        download.write(ArtifactFolder.INDEX, index(there.values()));
        removeAllBut(there.values());
        return new Pass(exit, wanted.size(), there.size(), lines(missing, there));
    }

    /** A pass that ended early; what the folder holds it still holds. */
    Pass failed(Set<ModuleDigest> wanted, Exit exit, String why) throws IOException {
        ArtifactDownload.Policy policy = download.keptPolicy();
        int present = policy == null ? 0 : kept(policy, wanted).size();
        return new Pass(exit, wanted.size(), present, List.of(why));
    }

    /** What the folder has of those modules and the policy allows, the newest of each. */
    private Map<ModuleDigest, Verification> kept(ArtifactDownload.Policy policy, Set<ModuleDigest> modules)
            throws IOException {
        Map<ModuleDigest, Verification> kept = new LinkedHashMap<>();
        for (String name : modules.isEmpty() ? List.<String>of() : ours()) {
            Optional<Digest> key = ArtifactFolder.attestedKey(name);
            Verification found = key.isEmpty() ? null : download.kept(policy, key.get());
            if (found != null
                    && modules.contains(found.attestation().module())
                    && choice.fits(found.attestation().lane().id())) {
                kept.merge(found.attestation().module(), found, SyncFolder::newer);
            }
        }
        return kept;
    }

    private static Verification newer(Verification a, Verification b) {
        return engine(a).compareTo(engine(b)) >= 0 ? a : b;
    }

    private static EngineId engine(Verification of) {
        return of.attestation().lane().engine();
    }

    private static List<String> lines(Map<ModuleDigest, String> missing, Map<ModuleDigest, Verification> there) {
        return missing.entrySet().stream()
                .map(each -> {
                    Verification kept = there.get(each.getKey());
                    return each.getKey() + ": " + each.getValue()
                            + (kept == null ? "" : "; the file of " + engine(kept) + " stays");
                })
                .toList();
    }

    private Verification bring(ArtifactDownload.Policy policy, Finding found) throws IOException, RefusedException {
        return switch (found.state()) {
            case KeyState.Present(byte[] envelope) ->
                download.bring(policy, found.key().digest(), envelope);
            case KeyState.Absent _
            when request -> {
                service.compileLater(found.key());
                throw new CommandFailed(Exit.NOT_FOUND, "not-compiled", "compilation requested");
            }
            case KeyState other -> throw Problems.failure(other, "the artifact");
        };
    }

    private byte[] index(Collection<Verification> there) {
        return JsonObject.EMPTY
                .with("modules", Json.of(there.stream().map(this::indexed).toList()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private JsonObject indexed(Verification verified) {
        Attestation of = verified.attestation();
        return KeyJson.write(of.key())
                .with("file", String.valueOf(download.file(of).getFileName()))
                .with("bytes", of.payload().size())
                .with("format", of.format());
    }

    /** Hosts that have a file open or mapped keep it: files leave by unlink only. */
    private void removeAllBut(Collection<Verification> there) throws IOException {
        Set<String> kept = new HashSet<>();
        for (Verification each : there) {
            kept.add(String.valueOf(download.file(each.attestation()).getFileName()));
            kept.add(ArtifactFolder.attestation(each.attestation().key().digest()));
        }
        for (String name : ours()) {
            if (!kept.contains(name)) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
    }

    /** The names of attestations and payloads; none if there is no folder yet. */
    private List<String> ours() throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    String name = String.valueOf(file.getFileName());
                    if (ArtifactFolder.isArtifact(name)) {
                        names.add(name);
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return names;
    }

    private static final List<Exit> FROM_BAD_TO_WORSE =
            List.of(Exit.OK, Exit.NOT_FOUND, Exit.REJECTED, Exit.UNREACHABLE, Exit.OTHER, Exit.UNVERIFIED);

    private static Exit worse(Exit a, Exit b) {
        return FROM_BAD_TO_WORSE.indexOf(b) > FROM_BAD_TO_WORSE.indexOf(a) ? b : a;
    }
}
