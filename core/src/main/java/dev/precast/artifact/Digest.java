package dev.precast.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 digest, written {@code sha256:} and 64 lower-case hexadecimal digits.
 *
 * <p>Immutable and thread safe. There is one algorithm and one spelling, so equal digests have equal strings.
 *
 * @param hex the 64 digits without the prefix
 */
public record Digest(String hex) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";

    /** @throws IllegalArgumentException if {@code hex} is not 64 lower-case hexadecimal digits */
    public Digest {
        if (!isHex(hex)) {
            throw new IllegalArgumentException(
                    "digest: expected 64 lower-case hexadecimal digits, found " + Text.quoted(hex));
        }
    }

    private static boolean isHex(String text) {
        if (text.length() != 64) {
            return false;
        }
        for (int i = 0; i < 64; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /**
     * Parses {@code sha256:<64 hex>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "digest: expected sha256: and 64 hexadecimal digits, found " + Text.quoted(text));
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    /** The digest of all of {@code bytes}. */
    public static Digest of(byte[] bytes) {
        return ofRaw(sha256().digest(bytes));
    }

    /** The digest of the remaining bytes of {@code in}. Reads to the end; does not close the stream. */
    public static Digest of(InputStream in) throws IOException {
        MessageDigest sha256 = sha256();
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            sha256.update(buffer, 0, n);
        }
        return finish(sha256);
    }

    /** Completes the computation of {@code sha256} and resets it. */
    public static Digest finish(MessageDigest sha256) {
        return ofRaw(sha256.digest());
    }

    /** A digest from its 32 raw bytes. */
    public static Digest ofRaw(byte[] raw) {
        return new Digest(HexFormat.of().formatHex(raw));
    }

    /** A new SHA-256 computation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("SHA-256: missing in this Java platform", e);
        }
    }

    /** The 32 raw bytes, in a new array. */
    public byte[] raw() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    // Written by hand: a record's generated methods are linked at run time, which slows the start of a host.
    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && hex.equals(that.hex);
    }

    @Override
    public int hashCode() {
        return hex.hashCode();
    }

    /** {@code sha256:<64 hex>}. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
