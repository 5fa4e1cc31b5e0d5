package dev.precast.artifact;

import java.io.IOException;
import java.util.Optional;

/**
 * The bytes of an artifact in some storage. The bytes may be damaged or change at any time, so readers copy them and
 * verify the copy.
 *
 * <p>Implementations are thread safe.
 */
public interface Payload {
    /** Size in bytes. */
    long size() throws IOException;

    /**
     * A new array with {@code length} bytes, starting at {@code offset}.
     *
     * @throws java.io.EOFException if the payload is shorter
     */
    byte[] read(long offset, int length) throws IOException;

    /**
     * Fetches the bytes again from their source, after a reader found them damaged. Takes as long as a download.
     *
     * @return true if new bytes can be read; false if there is no source to fetch from
     */
    boolean refetch() throws IOException;

    /**
     * The file that holds the bytes, verified as a whole, for engines that map files into memory. The file may be
     * deleted or replaced before it is opened; call {@link #refetch} then.
     *
     * @return empty if there is no such file; use {@link #read} then
     */
    default Optional<PayloadFile> file() {
        return Optional.empty();
    }
}
