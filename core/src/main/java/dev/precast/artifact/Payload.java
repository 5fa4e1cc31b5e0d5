package dev.precast.artifact;

import java.io.IOException;

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
}
