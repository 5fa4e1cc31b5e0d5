package dev.precast.attestation;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One artifact, its key and its policy, with every value fixed. */
public final class Samples {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    public static final String BUILDER = "https://builder.example/1";

    /** The key of RFC 8032, 7.1, test 1. */
    public static final String SECRET = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    public static final SigningKey KEY =
            key(SECRET, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

    /** The key of RFC 8032, 7.1, test 2. */
    public static final String ONLINE_SECRET = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

    public static final SigningKey ONLINE =
            key(ONLINE_SECRET, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");

    public static final Lane LANE = new Lane(
            EngineId.parse("chicory@1.7.5+1"),
            new EngineHash(digest("engine hash")),
            CompileConfig.parse("{\"functionsPerClass\":100,\"interpreted\":[]}"),
            Target.JVM);
    public static final ModuleDigest MODULE = new ModuleDigest(digest("module"));

    private Samples() {}

    private static SigningKey key(String secret, String open) {
        Base64.Encoder base64 = Base64.getEncoder();
        HexFormat hex = HexFormat.of();
        return SigningKey.parse(base64.encodeToString(hex.parseHex("302e020100300506032b657004220420" + secret)) + ":"
                + base64.encodeToString(hex.parseHex(open)));
    }

    public static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    public static SizedDigest sized(String text) {
        return new SizedDigest(digest(text), text.length());
    }

    public static Attestation attestation() {
        return attestation(LANE, MODULE);
    }

    public static Attestation attestation(Lane lane, ModuleDigest module) {
        return new Attestation(
                module,
                6,
                lane,
                "jvm-bundle/1",
                sized("payload"),
                Optional.of(sized("compressed")),
                Optional.of(sized("index")),
                digest("pack"),
                "openjdk 25",
                BUILDER,
                NOW.minusSeconds(10),
                NOW.minusSeconds(1));
    }

    public static ArtifactKey key() {
        return LANE.id().key(MODULE);
    }

    /** A key like {@link #key}, with another lane. */
    public static ArtifactKey key(LaneId lane) {
        return lane.key(MODULE);
    }

    public static TrustedKey trusted(SigningKey key) {
        return new TrustedKey(
                key.verifyingKey(), BUILDER, Set.of(), Set.of(), NOW.minusSeconds(3600), NOW.plusSeconds(3600));
    }

    public static TrustPolicy policy(TrustedKey... keys) {
        return policy(List.of(), Set.of(), keys);
    }

    public static TrustPolicy policy(List<EngineId> floors, Set<Digest> denied, TrustedKey... keys) {
        return new TrustPolicy(
                7,
                NOW.minusSeconds(60),
                NOW.plusSeconds(60),
                Duration.ofSeconds(30),
                List.of(keys),
                floors,
                denied,
                Set.of());
    }
}
