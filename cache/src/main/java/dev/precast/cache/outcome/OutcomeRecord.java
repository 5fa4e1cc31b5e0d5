package dev.precast.cache.outcome;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Check;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyJson;
import dev.precast.protocol.KeyState;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Set;

/** The signed form of rejections and failures: a DSSE envelope around JSON. */
public final class OutcomeRecord {
    /** Media type of the envelope's payload. */
    public static final String PAYLOAD_TYPE = "application/vnd.precast.outcome.v1+json";

    private static final Set<String> REJECTED = Set.of("outcome", "key", "pack", "message", "at", "code", "caps");
    private static final Set<String> FAILED =
            Set.of("outcome", "key", "pack", "message", "at", "cause", "limits", "attempts", "retryAt");

    private OutcomeRecord() {}

    /** Signs an outcome. */
    public static Envelope sign(CompileOutcome outcome, SigningKey key) {
        JsonObject base = JsonObject.EMPTY
                .with("outcome", outcome.state().label())
                .with("key", KeyJson.write(outcome.key()))
                .with("pack", outcome.pack().toString())
                .with("at", outcome.at().toString());
        JsonObject json = switch (outcome) {
            case CompileOutcome.Rejected rejected ->
                base.with("code", rejected.state().code())
                        .with("message", rejected.state().message())
                        .with("caps", rejected.caps());
            case CompileOutcome.Failed failed ->
                base.with("cause", failed.state().cause())
                        .with("message", failed.state().message())
                        .with("limits", failed.limits().toJson())
                        .with("attempts", failed.state().attempts())
                        .with("retryAt", failed.state().retryAt().toString());
        };
        return Envelope.sign(PAYLOAD_TYPE, json.canonical().getBytes(StandardCharsets.UTF_8), key);
    }

    /**
     * Reads the payload of an envelope whose signature was verified.
     *
     * @param asked the expected key
     * @throws RefusedException if the payload is malformed or about another key
     */
    public static CompileOutcome read(byte[] payload, ArtifactKey asked) throws RefusedException {
        try {
            JsonObject json = Json.parse(payload).asObject("outcome");
            ArtifactKey key = KeyJson.read(json.object("key"));
            if (!key.equals(asked)) {
                throw new RefusedException(Check.KEY, "outcome of another key: expected " + asked + ", found " + key);
            }
            Digest pack = Digest.parse(json.string("pack"));
            Instant at = Instant.parse(json.string("at"));
            String message = json.string("message");
            String outcome = json.string("outcome");
            return switch (outcome) {
                case "rejected" -> {
                    json.only(outcome, REJECTED);
                    yield new CompileOutcome.Rejected(
                            key, pack, json.object("caps"), new KeyState.Rejected(json.string("code"), message), at);
                }
                case "failed" -> {
                    json.only(outcome, FAILED);
                    yield new CompileOutcome.Failed(
                            key,
                            pack,
                            Limits.fromJson(json.object("limits")),
                            new KeyState.Failed(
                                    json.string("cause"),
                                    message,
                                    (int) json.integer("attempts", 1, Integer.MAX_VALUE),
                                    Instant.parse(json.string("retryAt"))),
                            at);
                }
                default ->
                    throw new RefusedException(
                            Check.STATEMENT, "outcome: expected rejected or failed, found \"" + outcome + "\"");
            };
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.STATEMENT, "outcome: " + e.getMessage());
        }
    }
}
