package dev.precast.cli;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.folder.DownloadFolder;
import dev.precast.host.service.ServiceClient;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A service whose downloads show their progress. */
record ProgressSource(ServiceClient service, Surroundings around) implements ArtifactSource {
    /** A folder that downloads from the service. */
    static DownloadFolder folder(Common common, ServiceClient service, TrustRoot root, Path folder) {
        Surroundings around = common.around();
        return new DownloadFolder(
                folder, new ProgressSource(service, around), root, HostEngine::checks, around.clock());
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
        return service.find(modules, lanes);
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        String task = "get " + attestation.key().digest().toString().substring(0, 19);
        InputStream payload = service.open(attestation);
        Progress progress = Progress.start(around, task, attestation.payload().size());
        return new FilterInputStream(progress.counting(payload)) {
            @Override
            public void close() throws IOException {
                progress.close();
                super.close();
            }
        };
    }

    @Override
    public Optional<byte[]> trust() throws IOException {
        return service.trust();
    }

    @Override
    public String toString() {
        return service.toString();
    }
}
