package dev.precast.host;

import dev.precast.attestation.Attestation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A source of payloads. Like {@link ArtifactSource}, it is not trusted, and is thread safe. */
public interface PayloadSource {
    /**
     * Opens the uncompressed payload. The stream may have fewer or more bytes than the attestation states; the caller
     * counts the bytes and closes the stream.
     *
     * @throws FileNotFoundException if the source does not have the payload
     */
    InputStream open(Attestation attestation) throws IOException;

    /**
     * Opens the payload from the uncompressed stored form, and not from a cache on the way, for callers that got damaged
     * bytes from {@link #open}.
     *
     * @throws FileNotFoundException if the source does not have the payload, or has only one form of it
     */
    default InputStream openPlain(Attestation attestation) throws IOException {
        throw new FileNotFoundException(
                this + ": has no other form of payload " + attestation.payload().digest());
    }

    /**
     * Tells the source that it returned damaged bytes. Never throws because the source fails.
     *
     * @param wait maximum time to wait until the source has checked the payload
     * @return whether the source says that the payload is whole now
     */
    default boolean reportDamage(Attestation attestation, Duration wait) {
        return false;
    }

    /**
     * Tells the source that an artifact is the signed one and does not load, or that a part of it was refused later.
     * Returns at once, and never throws.
     */
    default void reportUnloadable(Attestation attestation) {}
}
