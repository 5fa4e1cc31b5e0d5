package dev.precast.artifact;

import java.io.IOException;
import java.util.Optional;

/**
 * The bytes of an artifact, wherever they are kept. They may be damaged or change at any time: whoever reads them
 * copies, then verifies the copy.
 *
 * <p>Implementations are thread safe.
 */
public interface Payload {
    /** Size in bytes. */
    long size() throws IOException;

    /**
     * A fresh copy of {@code length} bytes from {@code offset} on.
     *
     * @throws java.io.EOFException if the payload ends before
     */
    byte[] read(long offset, int length) throws IOException;

    /**
     * Asks for the bytes again from where they came, after what was read proved wrong. May take as long as a
     * download.
     *
     * @return whether there are new bytes to read; false where there is no other source
     */
    boolean refetch() throws IOException;

    /**
     * The file that holds the bytes and was verified as a whole, for engines that map it. It may be gone or be another one
     * by the time it is opened: then {@link #refetch} helps.
     *
     * @return empty if there is none; then the bytes have to be read
     */
    default Optional<PayloadFile> file() {
        return Optional.empty();
    }
}
