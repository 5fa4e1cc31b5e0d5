package dev.precast.attestation;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** The JSON form of a trust policy, strict in both directions. */
final class PolicyJson {
    private static final Set<String> MEMBERS = Set.of(
            "version", "issuedAt", "expiresAt", "graceSeconds", "keys", "floors", "deniedDigests", "extraMembers");
    private static final Set<String> KEY_MEMBERS =
            Set.of("publicKey", "builder", "engines", "targets", "notBefore", "notAfter");

    private PolicyJson() {}

    static byte[] toJson(TrustPolicy p) {
        return JsonObject.EMPTY
                .with("version", p.version())
                .with("issuedAt", time(p.issuedAt()))
                .with("expiresAt", time(p.expiresAt()))
                .with("graceSeconds", p.grace().toSeconds())
                .with("keys", Json.of(p.keys().stream().map(PolicyJson::toJson).toList()))
                .with("floors", sorted(p.floors()))
                .with("deniedDigests", sorted(p.deniedDigests()))
                .with("extraMembers", sorted(p.extraMembers()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static JsonObject toJson(TrustedKey k) {
        return JsonObject.EMPTY
                .with("publicKey", k.key().toString())
                .with("builder", k.builder())
                .with("engines", sorted(k.engines()))
                .with("targets", sorted(k.targets()))
                .with("notBefore", time(k.notBefore()))
                .with("notAfter", time(k.notAfter()));
    }

    static TrustPolicy fromJson(byte[] json) throws RefusedException {
        try {
            JsonObject p = Json.parse(json).asObject("policy").only("policy", MEMBERS);
            TrustPolicy policy = new TrustPolicy(
                    p.integer("version", 1, Json.MAX_INT),
                    Instant.parse(p.string("issuedAt")),
                    Instant.parse(p.string("expiresAt")),
                    Duration.ofSeconds(p.integer("graceSeconds", 0, Json.MAX_INT)),
                    p.array("keys").stream().map(PolicyJson::key).toList(),
                    strings(p, "floors").stream().map(EngineId::parse).toList(),
                    Set.copyOf(strings(p, "deniedDigests").stream()
                            .map(Digest::parse)
                            .toList()),
                    strings(p, "extraMembers"));
            if (!Arrays.equals(toJson(policy), json)) {
                throw new RefusedException(Check.POLICY, "not in canonical form");
            }
            return policy;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.POLICY, e.getMessage());
        }
    }

    private static TrustedKey key(Json json) {
        JsonObject k = json.asObject("key").only("key", KEY_MEMBERS);
        return new TrustedKey(
                VerifyingKey.parse(k.string("publicKey")),
                k.string("builder"),
                strings(k, "engines"),
                strings(k, "targets"),
                Instant.parse(k.string("notBefore")),
                Instant.parse(k.string("notAfter")));
    }

    private static Set<String> strings(JsonObject from, String name) {
        Set<String> strings = new LinkedHashSet<>();
        for (Json item : from.array(name)) {
            if (!strings.add(item.asString(name))) {
                throw new JsonException(name + ": \"" + item.asString(name) + "\" stands there twice");
            }
        }
        return strings;
    }

    private static Json sorted(Collection<?> items) {
        return Json.ofStrings(items.stream().map(Object::toString).sorted().toList());
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
