package dev.precast.attestation;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/**
 * An Ed25519 key pair that signs. Its text form is one line: base64 of the PKCS#8 private key, a colon, and base64 of
 * the raw public key. Keep the text secret: anyone who has it can sign.
 *
 * <p>Immutable and thread safe; {@code toString} shows the public part only.
 */
public final class SigningKey {
    private final PrivateKey secret;
    private final VerifyingKey verifying;

    private SigningKey(PrivateKey secret, VerifyingKey verifying) {
        this.secret = secret;
        this.verifying = verifying;
    }

    /** Generates a key with the platform's secure random generator. */
    public static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new SigningKey(pair.getPrivate(), VerifyingKey.of(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Ed25519: missing in this Java platform", e);
        }
    }

    /**
     * Parses the text form and checks that both halves belong together.
     *
     * @throws IllegalArgumentException if the text is malformed or the halves do not match; the message does not reveal
     *     the secret
     */
    public static SigningKey parse(String text) {
        String[] halves = text.strip().split(":", -1);
        if (halves.length != 2) {
            throw new IllegalArgumentException("signing key: expected two base64 texts separated by a colon");
        }
        SigningKey key;
        try {
            PrivateKey secret = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(halves[0])));
            key = new SigningKey(secret, VerifyingKey.parse(halves[1]));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("signing key: not an Ed25519 key pair", e);
        }
        byte[] probe = {1, 2, 3};
        if (!key.verifying.verifies(probe, key.sign(probe))) {
            throw new IllegalArgumentException("signing key: the public half does not match the private half");
        }
        return key;
    }

    /** The text form, which is secret. */
    public String secretText() {
        return Base64.getEncoder().encodeToString(secret.getEncoded()) + ":" + verifying;
    }

    /** The public half. */
    public VerifyingKey verifyingKey() {
        return verifying;
    }

    byte[] sign(byte[] message) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(secret);
            ed25519.update(message);
            return ed25519.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("signing with key " + verifying.id() + " failed", e);
        }
    }

    @Override
    public String toString() {
        return "signing key " + verifying.id();
    }
}
