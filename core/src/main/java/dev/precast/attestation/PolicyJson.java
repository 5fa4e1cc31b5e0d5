package dev.precast.attestation;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes the JSON form of a trust policy, and reads the canonical form only. */
final class PolicyJson {
    private static final Set<String> MEMBERS = Set.of(
            "version", "issuedAt", "expiresAt", "graceSeconds", "keys", "floors", "deniedDigests", "extraMembers");
    private static final Set<String> KEY_MEMBERS =
            Set.of("publicKey", "builder", "engines", "targets", "notBefore", "notAfter");

    private PolicyJson() {}

    static byte[] toJson(TrustPolicy p) {
        return JsonObject.EMPTY
                .with("version", p.version())
                .with("issuedAt", Times.format(p.issuedAt()))
                .with("expiresAt", Times.format(p.expiresAt()))
                .with("graceSeconds", p.grace().toSeconds())
                .with("keys", Json.of(toJson(p.keys())))
                .with("floors", sorted(p.floors()))
                .with("deniedDigests", sorted(p.deniedDigests()))
                .with("extraMembers", sorted(p.extraMembers()))
                .canonical()
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<Json> toJson(List<TrustedKey> keys) {
        List<Json> json = new ArrayList<>();
        for (TrustedKey key : keys) {
            json.add(toJson(key));
        }
        return json;
    }

    private static JsonObject toJson(TrustedKey k) {
        return JsonObject.EMPTY
                .with("publicKey", k.key().toString())
                .with("builder", k.builder())
                .with("engines", sorted(k.engines()))
                .with("targets", sorted(k.targets()))
                .with("notBefore", Times.format(k.notBefore()))
                .with("notAfter", Times.format(k.notAfter()));
    }

    static TrustPolicy fromJson(byte[] json) throws RefusedException {
        try {
            JsonObject p = Json.parse(json).asObject("policy").only("policy", MEMBERS);
            TrustPolicy policy = new TrustPolicy(
                    p.integer("version", 1, Json.MAX_INT),
                    Times.parse(p.string("issuedAt")),
                    Times.parse(p.string("expiresAt")),
                    Duration.ofSeconds(p.integer("graceSeconds", 0, Json.MAX_INT)),
                    keys(p.array("keys")),
                    floors(strings(p, "floors")),
                    digests(strings(p, "deniedDigests")),
                    strings(p, "extraMembers"));
            if (!Arrays.equals(toJson(policy), json)) {
                throw new RefusedException(Check.POLICY, "not in canonical form");
            }
            return policy;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new RefusedException(Check.POLICY, e.getMessage());
        }
    }

    // Loops instead of streams, whose classes would slow the start of a host.
    private static List<TrustedKey> keys(List<Json> from) {
        List<TrustedKey> keys = new ArrayList<>();
        for (Json key : from) {
            keys.add(key(key));
        }
        return keys;
    }

    private static List<EngineId> floors(Set<String> from) {
        List<EngineId> floors = new ArrayList<>();
        for (String floor : from) {
            floors.add(EngineId.parse(floor));
        }
        return floors;
    }

    private static Set<Digest> digests(Set<String> from) {
        Set<Digest> digests = new HashSet<>();
        for (String digest : from) {
            digests.add(Digest.parse(digest));
        }
        return digests;
    }

    private static TrustedKey key(Json json) {
        JsonObject k = json.asObject("key").only("key", KEY_MEMBERS);
        return new TrustedKey(
                VerifyingKey.parse(k.string("publicKey")),
                k.string("builder"),
                strings(k, "engines"),
                strings(k, "targets"),
                Times.parse(k.string("notBefore")),
                Times.parse(k.string("notAfter")));
    }

    private static Set<String> strings(JsonObject from, String name) {
        Set<String> strings = new LinkedHashSet<>();
        for (Json item : from.array(name)) {
            if (!strings.add(item.asString(name))) {
                throw new JsonException(name + ": duplicate \"" + item.asString(name) + "\"");
            }
        }
        return strings;
    }

    private static Json sorted(Collection<?> items) {
        List<String> texts = new ArrayList<>();
        for (Object item : items) {
            texts.add(item.toString());
        }
        Collections.sort(texts);
        return Json.ofStrings(texts);
    }
}
