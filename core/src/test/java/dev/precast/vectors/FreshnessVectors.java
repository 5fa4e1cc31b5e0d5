package dev.precast.vectors;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.Samples;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The vectors of the proof that the policy in {@code trust-policy.json} is current. */
final class FreshnessVectors {
    private FreshnessVectors() {}

    static Json appointment() {
        return Vectors.envelope(appointmentEnvelope()).with("refused", json(refusedAppointments()));
    }

    static Json currentPolicy() {
        return Vectors.envelope(statement(), Samples.ONLINE, Samples.ONLINE_SECRET)
                .with("refused", json(refusedStatements()));
    }

    static Envelope appointmentEnvelope() {
        return new Appointment(
                        3,
                        Samples.ONLINE.verifyingKey(),
                        Samples.NOW.minusSeconds(60),
                        Samples.NOW.plus(Duration.ofDays(90)))
                .sign(Samples.KEY);
    }

    static Envelope statement() {
        try {
            byte[] policy = Vectors.policy().sign(Samples.KEY).toJson();
            TrustRoot root = new TrustRoot(Samples.KEY.verifyingKey());
            return CurrentPolicy.about(policy, root, Samples.NOW, Duration.ofHours(24))
                    .sign(Samples.ONLINE);
        } catch (RefusedException e) {
            throw new AssertionError(e);
        }
    }

    static Map<String, Envelope> refusedAppointments() {
        Envelope good = appointmentEnvelope();
        Map<String, Envelope> refused = new TreeMap<>();
        refused.put(
                "the type of a policy",
                Envelope.sign(TrustPolicy.PAYLOAD_TYPE, text(good).getBytes(UTF_8), Samples.KEY));
        refused.put(
                "signed by the online key",
                Envelope.sign(Appointment.PAYLOAD_TYPE, text(good).getBytes(UTF_8), Samples.ONLINE));
        refused.put(
                "the root key as the online key",
                changed(
                        good,
                        Samples.ONLINE.verifyingKey().toString(),
                        Samples.KEY.verifyingKey().toString()));
        refused.put("a life of 367 days", changed(good, "2026-04-02T03:04:05Z", "2027-01-04T03:03:05Z"));
        refused.put("expired", changed(good, "2026-04-02T03:04:05Z", "2026-01-02T03:04:05Z"));
        refused.put("not canonical", changed(good, "{", "{ "));
        return refused;
    }

    static Map<String, Envelope> refusedStatements() {
        Envelope good = statement();
        Map<String, Envelope> refused = new TreeMap<>();
        refused.put(
                "the type of a policy",
                Envelope.sign(TrustPolicy.PAYLOAD_TYPE, text(good).getBytes(UTF_8), Samples.ONLINE));
        refused.put(
                "signed by the root",
                Envelope.sign(CurrentPolicy.PAYLOAD_TYPE, text(good).getBytes(UTF_8), Samples.KEY));
        refused.put("a newer version", changed(good, "\"version\":7", "\"version\":8"));
        refused.put("another policy of this version", changed(good, digest(good), "sha256:" + "0".repeat(64)));
        refused.put("a life of 8 days", changed(good, "2026-01-03T03:04:05Z", "2026-01-10T03:04:05Z"));
        refused.put("issued six minutes ahead", changed(good, "2026-01-02T03:04:05Z", "2026-01-02T03:10:05Z"));
        return refused;
    }

    private static String digest(Envelope statement) {
        return Json.parse(text(statement)).asObject("statement").string("policy");
    }

    /** Signed by the right key, but with another text. */
    private static Envelope changed(Envelope good, String from, String to) {
        String text = text(good).replace(from, to);
        if (text.equals(text(good))) {
            throw new AssertionError(text(good) + " does not contain " + from);
        }
        boolean statement = good.payloadType().equals(CurrentPolicy.PAYLOAD_TYPE);
        return Envelope.sign(good.payloadType(), text.getBytes(UTF_8), statement ? Samples.ONLINE : Samples.KEY);
    }

    private static String text(Envelope envelope) {
        return new String(Base64.getDecoder().decode(envelope.payload()), UTF_8);
    }

    private static Json json(Map<String, Envelope> refused) {
        List<Json> all = new ArrayList<>();
        refused.forEach((why, envelope) ->
                all.add(JsonObject.EMPTY.with("why", why).with("envelope", Json.parse(envelope.toJson()))));
        return Json.of(all);
    }
}
