package dev.precast.host;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Where artifacts come from. A source only carries: what it says is verified by who asks.
 *
 * <p>Implementations are thread safe and return or throw within a time of their own.
 */
public interface ArtifactSource {
    /**
     * Looks modules up.
     *
     * @param lanes the lanes that are accepted, most preferred first; at least one, at most 16
     * @return one finding for each module, in their order
     */
    List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException;

    /**
     * The payload, not compressed, from its first byte on. May give fewer or more bytes than the attestation says; the
     * caller counts, and closes it.
     *
     * @throws java.io.FileNotFoundException if it is not there
     */
    InputStream open(Attestation attestation) throws IOException;

    /** The signed trust policy, a DSSE envelope as JSON, if there is one. */
    Optional<byte[]> trust() throws IOException;
}
