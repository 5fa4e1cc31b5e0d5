package dev.precast.bundle;

import dev.precast.artifact.Digest;
import java.util.regex.Pattern;

/**
 * Where an entry of a bundle lies, and what it must be.
 *
 * @param name 1 to 512 characters of {@code A-Za-z0-9/._$-}
 * @param offset from the start of the bundle, in bytes
 * @param length in bytes, below 2^31
 * @param sha256 of the entry's bytes
 */
public record BundleEntry(String name, long offset, int length, Digest sha256) {
    static final int MAX_NAME = 512;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9/._$-]{1," + MAX_NAME + "}");

    /** @throws IllegalArgumentException if a part is out of its range */
    public BundleEntry {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "bundle entry name: expected 1 to 512 of A-Z a-z 0-9 / . _ $ -, found \"" + name + "\"");
        }
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException(
                    "bundle entry " + name + ": negative offset " + offset + " or length " + length);
        }
    }
}
