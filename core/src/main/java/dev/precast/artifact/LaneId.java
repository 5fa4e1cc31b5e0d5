package dev.precast.artifact;

import java.nio.charset.StandardCharsets;

/**
 * The identity of a lane. Together with the module it identifies an artifact.
 *
 * @param engine exact engine
 * @param engineHash identifies the engines that can load the artifacts
 * @param config hash of the config
 * @param target the platform of the artifacts
 */
public record LaneId(EngineId engine, EngineHash engineHash, ConfigHash config, Target target) {
    /** The canonical text: one {@code name value} per line, each ended by LF; see {@code docs/artifact-format.md}. */
    public String canonical() {
        return "precast/lane/v1\n" + fields();
    }

    /** SHA-256 of the canonical text: a short name of the lane. */
    public Digest digest() {
        return Digest.of(canonical().getBytes(StandardCharsets.UTF_8));
    }

    /** The key of {@code module}'s artifact in this lane. */
    public ArtifactKey key(ModuleDigest module) {
        return new ArtifactKey(this, module);
    }

    String fields() {
        return "engine " + engine + "\nengine-hash " + engineHash + "\nconfig " + config + "\ntarget " + target + "\n";
    }

    /** Compares the canonical texts. */
    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof LaneId that && fields().equals(that.fields()));
    }

    @Override
    public int hashCode() {
        return fields().hashCode();
    }

    /** A readable form with the engine, the target and the first digits of the hashes. */
    @Override
    public String toString() {
        return engine + " hash " + engineHash.digest().hex().substring(0, 12) + " config "
                + config.digest().hex().substring(0, 12) + " on " + target;
    }
}
