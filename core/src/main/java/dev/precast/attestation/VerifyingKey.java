package dev.precast.attestation;

import dev.precast.artifact.Digest;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An Ed25519 public key (RFC 8032), written as base64 of its 32 raw bytes.
 *
 * <p>Immutable and thread safe.
 */
public final class VerifyingKey {
    /** The bytes before the raw key in its X.509 form (RFC 8410). */
    private static final byte[] X509_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int RAW_BYTES = 32;

    private final byte[] raw;
    private volatile @Nullable PublicKey key;

    private VerifyingKey(byte[] raw, @Nullable PublicKey key) {
        this.raw = raw;
        this.key = key;
    }

    /**
     * Parses base64 of 32 raw bytes.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static VerifyingKey parse(String base64) {
        byte[] raw;
        try {
            raw = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("public key: not base64: " + e.getMessage(), e);
        }
        if (raw.length != RAW_BYTES) {
            throw new IllegalArgumentException("public key: expected 32 bytes of Ed25519, found " + raw.length);
        }
        return new VerifyingKey(raw, null);
    }

    static VerifyingKey of(PublicKey key) {
        byte[] x509 = key.getEncoded();
        return new VerifyingKey(Arrays.copyOfRange(x509, x509.length - RAW_BYTES, x509.length), key);
    }

    /**
     * The platform's form of the key, created on first use: the platform's cryptography starts slowly, and not every
     * key is used.
     */
    private PublicKey key() throws GeneralSecurityException {
        PublicKey made = key;
        if (made == null) {
            byte[] x509 = Arrays.copyOf(X509_PREFIX, X509_PREFIX.length + RAW_BYTES);
            System.arraycopy(raw, 0, x509, X509_PREFIX.length, RAW_BYTES);
            made = KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(x509));
            key = made;
        }
        return made;
    }

    /** The key's name: SHA-256 of its raw bytes. */
    public Digest id() {
        return Digest.of(raw);
    }

    /**
     * Whether {@code signature} is a valid signature of {@code message} by this key; false if the signature is
     * malformed.
     */
    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(key());
            ed25519.update(message);
            return ed25519.verify(signature);
        } catch (SignatureException | InvalidKeyException | InvalidKeySpecException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519: missing in this Java platform", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VerifyingKey that && Arrays.equals(raw, that.raw);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(raw);
    }

    /** Base64 of the 32 raw bytes. */
    @Override
    public String toString() {
        return Base64.getEncoder().encodeToString(raw);
    }
}
