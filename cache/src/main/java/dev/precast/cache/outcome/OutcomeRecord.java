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
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** The signed form of the outcomes that are not artifacts: a DSSE envelope around JSON. */
public final class OutcomeRecord {
    /** Media type inside the envelope. */
    public static final String PAYLOAD_TYPE = "application/vnd.precast.outcome.v1+json";

    private static final Set<String> REJECTED = Set.of("outcome", "key", "pack", "message", "at", "code", "caps");
    private static final Set<String> FAILED =
            Set.of("outcome", "key", "pack", "message", "at", "cause", "limits", "attempts", "retryAt");

    private OutcomeRecord() {}

    /** Signs a rejection. */
    public static Envelope sign(CompileOutcome.Rejected r, SigningKey key) {
        return sign(
                base(r.key(), r.pack(), r.message(), r.at())
                        .with("outcome", "rejected")
                        .with("code", r.code())
                        .with("caps", r.caps()),
                key);
    }

    /** Signs a failure. */
    public static Envelope sign(CompileOutcome.Failed f, SigningKey key) {
        return sign(
                base(f.key(), f.pack(), f.message(), f.at())
                        .with("outcome", "failed")
                        .with("cause", f.cause().label())
                        .with("limits", f.limits().toJson())
                        .with("attempts", f.attempts())
                        .with("retryAt", time(f.retryAt())),
                key);
    }

    /**
     * Reads what {@link #sign} wrote; the envelope's signature was verified before.
     *
     * @param asked the key it must be about
     * @throws RefusedException if it is about another key, or malformed
     */
    public static CompileOutcome read(byte[] payload, ArtifactKey asked) throws RefusedException {
        try {
            JsonObject json = Json.parse(payload).asObject("outcome");
            ArtifactKey key = KeyJson.read(json.object("key"));
            if (!key.equals(asked)) {
                throw new RefusedException(Check.KEY, "asked for " + asked + ", the outcome is of " + key);
            }
            Digest pack = Digest.parse(json.string("pack"));
            Instant at = Instant.parse(json.string("at"));
            String message = json.string("message");
            String outcome = json.string("outcome");
            return switch (outcome) {
                case "rejected" -> {
                    json.only(outcome, REJECTED);
                    yield new CompileOutcome.Rejected(key, pack, json.object("caps"), json.string("code"), message, at);
                }
                case "failed" -> {
                    json.only(outcome, FAILED);
                    yield new CompileOutcome.Failed(
                            key,
                            pack,
                            CompileOutcome.Cause.ofLabel(json.string("cause")),
                            message,
                            Limits.fromJson(json.object("limits")),
                            (int) json.integer("attempts", 1, Integer.MAX_VALUE),
                            at,
                            Instant.parse(json.string("retryAt")));
                }
                default -> throw new RefusedException(Check.STATEMENT, "outcome: unknown \"" + outcome + "\"");
            };
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.STATEMENT, "outcome: " + e.getMessage());
        }
    }

    private static Envelope sign(JsonObject json, SigningKey key) {
        return Envelope.sign(PAYLOAD_TYPE, json.canonical().getBytes(StandardCharsets.UTF_8), key);
    }

    private static JsonObject base(ArtifactKey key, Digest pack, String message, Instant at) {
        return JsonObject.EMPTY
                .with("key", KeyJson.write(key))
                .with("pack", pack.toString())
                .with("message", message)
                .with("at", time(at));
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
