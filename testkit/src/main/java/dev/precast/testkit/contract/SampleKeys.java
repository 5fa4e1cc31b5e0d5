package dev.precast.testkit.contract;

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
import java.time.Instant;

/** Keys, digests and a time with fixed values, for contract suites and tests of adapters. */
public final class SampleKeys {
    public static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    public static final Lane LANE = new Lane(
            EngineId.parse("chicory@1.7.5+1"),
            new EngineHash(digest("engine hash")),
            CompileConfig.parse("{\"functionsPerClass\":100,\"interpreted\":[]}"),
            Target.JVM);

    private static final ModuleDigest MODULE = new ModuleDigest(digest("module"));

    private SampleKeys() {}

    /** SHA-256 of the text in UTF-8. */
    public static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A key of {@link #LANE}. */
    public static ArtifactKey key() {
        return key(LANE.id());
    }

    /** Like {@link #key()}, in the given lane. */
    public static ArtifactKey key(LaneId lane) {
        return lane.key(MODULE);
    }
}
