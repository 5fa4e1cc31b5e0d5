package dev.precast.attestation;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * A DSSE envelope (Dead Simple Signing Envelope, protocol v1.0.2) with one signature. The signature covers the
 * pre-authentication encoding of payload type and payload.
 *
 * @param payloadType media type of the payload
 * @param payload the signed bytes, as base64 of the standard alphabet
 * @param keyId digest of the public key that signed; a hint until the signature is verified
 * @param signature the signature, as base64
 */
public record Envelope(String payloadType, String payload, Digest keyId, String signature) {
    /** Maximum size of the JSON form, in bytes. */
    public static final int MAX_BYTES = 256 * 1024;

    /** Signs {@code payload}. */
    public static Envelope sign(String payloadType, byte[] payload, SigningKey key) {
        Base64.Encoder base64 = Base64.getEncoder();
        return new Envelope(
                payloadType,
                base64.encodeToString(payload),
                key.verifyingKey().id(),
                base64.encodeToString(key.sign(preAuthenticationEncoding(payloadType, payload))));
    }

    /**
     * Reads the JSON form.
     *
     * @throws JsonException if the JSON is too large, not strict, or has another form
     */
    public static Envelope parse(byte[] json) {
        if (json.length > MAX_BYTES) {
            throw new JsonException(
                    "envelope: too large (expected at most " + MAX_BYTES + " bytes, found " + json.length + ")");
        }
        return parse(Json.parse(json).asObject("envelope"));
    }

    /**
     * Reads the JSON form.
     *
     * @param what the document in the envelope, for messages
     * @throws RefusedException if the JSON is too large, not strict, or has another form
     */
    static Envelope parse(byte[] json, String what) throws RefusedException {
        try {
            return parse(json);
        } catch (JsonException e) {
            throw new RefusedException(Check.ENVELOPE, what + ": " + e.getMessage());
        }
    }

    /** @throws JsonException if the JSON has another form */
    static Envelope parse(JsonObject json) {
        JsonObject envelope = json.only("envelope", Set.of("payloadType", "payload", "signatures"));
        List<Json> signatures = envelope.array("signatures");
        if (signatures.size() != 1) {
            throw new JsonException("envelope signatures: expected one, found " + signatures.size());
        }
        JsonObject signature = signatures.get(0).asObject("signature").only("signature", Set.of("keyid", "sig"));
        try {
            return new Envelope(
                    envelope.string("payloadType"),
                    envelope.string("payload"),
                    Digest.parse(signature.string("keyid")),
                    signature.string("sig"));
        } catch (IllegalArgumentException e) {
            throw new JsonException("envelope: " + e.getMessage());
        }
    }

    /** The JSON form, canonical, as UTF-8. */
    public byte[] toJson() {
        return json().canonical().getBytes(StandardCharsets.UTF_8);
    }

    JsonObject json() {
        JsonObject signature = JsonObject.EMPTY.with("keyid", keyId.toString()).with("sig", this.signature);
        return JsonObject.EMPTY
                .with("payloadType", payloadType)
                .with("payload", payload)
                .with("signatures", Json.of(List.of(signature)));
    }

    /**
     * Verifies the signature and returns the payload.
     *
     * @throws RefusedException if the base64 is malformed or not canonical, or the signature is not by {@code key}
     */
    public byte[] open(VerifyingKey key) throws RefusedException {
        byte[] bytes = decode("payload", payload);
        if (!key.verifies(preAuthenticationEncoding(payloadType, bytes), decode("sig", signature))) {
            throw new RefusedException(Check.SIGNATURE, "does not verify with key " + key.id());
        }
        return bytes;
    }

    /**
     * Verifies a document of one kind by one signer, and returns the payload.
     *
     * @param type the expected payload type
     * @param what the document, for messages
     * @param signer the role of {@code key}, for messages
     * @throws RefusedException if the envelope holds another kind of document, or is not signed by {@code key}
     */
    byte[] open(String type, VerifyingKey key, String what, String signer) throws RefusedException {
        if (!payloadType.equals(type)) {
            throw new RefusedException(
                    Check.POLICY, what + ": payload type: expected " + type + ", found " + payloadType);
        }
        if (!keyId.equals(key.id())) {
            throw new RefusedException(
                    Check.SIGNATURE,
                    what + ": signed by another " + signer + " (expected " + key.id() + ", found " + keyId + ")");
        }
        return open(key);
    }

    /** The payload, without verifying the signature. */
    byte[] unverified() throws RefusedException {
        return decode("payload", payload);
    }

    /** Accepts only the canonical base64 of a byte string, so that any changed bit of an envelope is detected. */
    private static byte[] decode(String what, String base64) throws RefusedException {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(bytes).equals(base64)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Check.ENVELOPE, what + ": not base64: " + e.getMessage());
        }
        throw new RefusedException(Check.ENVELOPE, what + ": not canonical base64");
    }

    private static byte[] preAuthenticationEncoding(String type, byte[] payload) {
        byte[] typeBytes = type.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + typeBytes.length + 40);
        out.writeBytes(("DSSEv1 " + typeBytes.length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(typeBytes);
        out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(payload);
        return out.toByteArray();
    }
}
