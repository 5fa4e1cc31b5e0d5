package dev.precast.bundle;

import dev.precast.artifact.Digest;

/**
 * Name, position and digest of an entry of a bundle.
 *
 * @param name 1 to 512 characters of {@code A-Za-z0-9/._$-}
 * @param offset from the start of the bundle, in bytes
 * @param length in bytes, below 2^31
 * @param sha256 digest of the entry's bytes
 */
public record BundleEntry(String name, long offset, int length, Digest sha256) {
    static final int MAX_NAME = 512;

    /**
     * @throws IllegalArgumentException if the name has another form, or {@code offset} or {@code length} is negative
     */
    public BundleEntry {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "bundle entry name: expected 1 to 512 characters of A-Z a-z 0-9 / . _ $ -, found \"" + name + "\"");
        }
        if (offset < 0 || length < 0) {
            throw new IllegalArgumentException(
                    "bundle entry " + name + ": negative offset " + offset + " or length " + length);
        }
    }

    /** Uses no regular expression, because a starting host checks hundreds of names. */
    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digitOrDot = c >= '-' && c <= '9'; // This range includes - and /.
            if (!letter && !digitOrDot && c != '_' && c != '$') {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= MAX_NAME;
    }
}
