package dev.precast.host.folder;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.host.Finding;
import dev.precast.host.MissReason;
import dev.precast.host.OfferedPolicy;
import dev.precast.host.service.ServiceClient;
import dev.precast.host.service.ServiceException;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ArtifactFolder;
import dev.precast.protocol.KeyJson;
import dev.precast.protocol.KeyState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Synchronizes a folder with a list of modules: the folder holds their artifacts and no others. An artifact of an older
 * lane stays until the module has one of the newest lane. Not thread safe.
 */
public final class FolderSync {
    private final ServiceClient service;
    private final DownloadFolder folder;
    private final Predicate<LaneId> standsIn;
    private final boolean request;

    /**
     * @param standsIn whether an artifact of a lane may replace a missing one of the newest lane
     * @param request whether to request the compilation of absent artifacts
     */
    public FolderSync(ServiceClient service, DownloadFolder folder, Predicate<LaneId> standsIn, boolean request) {
        this.service = service;
        this.folder = folder;
        this.standsIn = standsIn;
        this.request = request;
    }

    /**
     * The result of a pass.
     *
     * @param present the verified artifacts in the folder, including those of an older lane
     * @param missing the modules without an artifact of the newest lane, each with the reason
     */
    public record Pass(Map<ModuleDigest, ArtifactVerification> present, Map<ModuleDigest, MissReason> missing) {}

    /**
     * Downloads the artifacts of the wanted modules, then deletes all others.
     *
     * @param trust the service's policy
     * @param lane the newest lane
     * @throws ServiceException if the lookup at the service fails
     * @throws RefusedException if the policy is refused
     * @throws IOException if the folder cannot be written
     */
    public Pass pass(Collection<ModuleDigest> wanted, OfferedPolicy trust, LaneId lane)
            throws IOException, RefusedException {
        DownloadFolder.Policy policy = folder.policy(trust);
        Map<ModuleDigest, ArtifactVerification> present = new LinkedHashMap<>();
        Map<ModuleDigest, MissReason> missing = new LinkedHashMap<>();
        for (Finding found : service.find(List.copyOf(wanted), List.of(lane))) {
            ArtifactKey key = found.key();
            try {
                if (found.state() instanceof KeyState.Present there) {
                    present.put(key.module(), folder.bring(policy, key.digest(), there.envelope()));
                } else {
                    missing.put(key.module(), reason(found));
                }
            } catch (RefusedException e) {
                missing.put(key.module(), new MissReason.Refused(e.check(), String.valueOf(e.getMessage())));
            } catch (ServiceException | FileNotFoundException e) {
                missing.put(key.module(), new MissReason.NotLoaded(String.valueOf(e.getMessage())));
            }
        }
        folder.keep(policy);
        present.putAll(standIns(policy, missing.keySet()));
        folder.write(ArtifactFolder.INDEX, index(present.values()));
        folder.deleteAllBut(present.values());
        return new Pass(present, missing);
    }

    private MissReason reason(Finding found) throws IOException {
        if (!request || !(found.state() instanceof KeyState.Absent)) {
            return new MissReason.NoArtifact(found.state());
        }
        try {
            return new MissReason.NoArtifact(service.compileLater(found.key()));
        } catch (ServiceException.Problem e) {
            return new MissReason.NotAccepted(e.code(), e.detail());
        }
    }

    /** The number of these modules for which the folder has an artifact that its stored policy allows. */
    public int kept(Set<ModuleDigest> modules) throws IOException {
        var policy = folder.keptPolicy();
        return policy.isEmpty() ? 0 : standIns(policy.get(), modules).size();
    }

    /** For each module, the newest artifact in the folder with a lane that may stand in for the newest lane. */
    private Map<ModuleDigest, ArtifactVerification> standIns(DownloadFolder.Policy policy, Set<ModuleDigest> modules)
            throws IOException {
        Map<ModuleDigest, ArtifactVerification> newest = new LinkedHashMap<>();
        for (ArtifactVerification found : modules.isEmpty() ? List.<ArtifactVerification>of() : folder.kept(policy)) {
            Attestation of = found.attestation();
            if (modules.contains(of.module()) && standsIn.test(of.lane().id())) {
                newest.merge(of.module(), found, (a, b) -> engine(a).compareTo(engine(b)) >= 0 ? a : b);
            }
        }
        return newest;
    }

    private static EngineId engine(ArtifactVerification of) {
        return of.attestation().lane().engine();
    }

    private static byte[] index(Collection<ArtifactVerification> present) {
        List<Json> modules = new ArrayList<>();
        for (ArtifactVerification each : present) {
            Attestation of = each.attestation();
            modules.add(KeyJson.write(of.key())
                    .with("file", ArtifactFolder.payload(of.payload().digest()))
                    .with("bytes", of.payload().size())
                    .with("format", of.format()));
        }
        return JsonObject.EMPTY.with("modules", Json.of(modules)).canonical().getBytes(StandardCharsets.UTF_8);
    }
}
