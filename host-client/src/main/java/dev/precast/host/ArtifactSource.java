package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A source of artifacts. It is not trusted: its callers verify what it returns.
 *
 * <p>Implementations are thread safe and return or throw within a limited time.
 */
public interface ArtifactSource extends PayloadSource {
    /**
     * Looks up modules.
     *
     * @param lanes the accepted lanes, most preferred first, 1 to 16
     * @return one finding for each module, in the order of {@code modules}
     */
    List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException;

    /** The signed trust policy, a DSSE envelope as JSON, if there is one. */
    Optional<byte[]> trust() throws IOException;

    /**
     * The proof that the trust policy is current, a {@link dev.precast.attestation.FreshnessProof} as JSON, if there is
     * one. Sources that wrap another source must pass its proof on.
     */
    default Optional<byte[]> current() throws IOException {
        return Optional.empty();
    }
}
