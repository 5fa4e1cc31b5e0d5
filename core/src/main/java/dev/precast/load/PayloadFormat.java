package dev.precast.load;

import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Lane;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * A format of payloads: the checks that workers and the command line make without the engine.
 *
 * <p>{@link ServiceLoader} finds the formats. Implementations have no state and are thread safe.
 */
public interface PayloadFormat {
    /** The format's name in packs, offered lanes and attestations, such as {@code cwasm/1}. */
    String name();

    /**
     * Checks whether hosts would refuse this payload of a lane, as far as possible without loading the payload.
     *
     * @param payload a file that does not change during the call
     * @return digest and size of the index, for the attestation; empty if the format has no index
     * @throws RefusedException if the file is not a payload of this format and lane
     */
    default Optional<SizedDigest> check(Path payload, Lane lane) throws IOException, RefusedException {
        return Optional.empty();
    }

    /**
     * Reads the engine hash from a payload.
     *
     * @return the engine hash; empty if payloads of this format do not contain it
     * @throws RefusedException if the file is not a payload of this format
     */
    default Optional<EngineHash> engineHash(Path payload) throws IOException, RefusedException {
        return Optional.empty();
    }

    /**
     * Whether a host finds its lanes by trying to load each lane's artifact of the empty module; see
     * {@link ProbingLoader}.
     */
    default boolean isProbed() {
        return false;
    }

    /** The format with this name. If this process does not know the name, the returned format accepts any payload. */
    static PayloadFormat named(String name) {
        for (PayloadFormat known : ServiceLoader.load(PayloadFormat.class, PayloadFormat.class.getClassLoader())) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return () -> name;
    }
}
