package dev.precast.artifact;

import java.nio.charset.StandardCharsets;

/**
 * The identity of a lane: what must be equal for an artifact to be the right one, but for the module.
 *
 * @param engine exact engine
 * @param engineHash loadability
 * @param config hash of the config
 * @param target what it runs on
 */
public record LaneId(EngineId engine, EngineHash engineHash, ConfigHash config, Target target) {
    /** The canonical text, one {@code name value} a line, each ended by LF; see the artifact format's page. */
    public String canonical() {
        return "precast/lane/v1\n" + fields();
    }

    /** SHA-256 of the canonical text; names the lane where a short name is wanted. */
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

    /** By the canonical text. */
    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof LaneId that && fields().equals(that.fields()));
    }

    @Override
    public int hashCode() {
        return fields().hashCode();
    }

    /** Readable: engine, target and the first digits of the hashes. */
    @Override
    public String toString() {
        return engine + " hash " + engineHash.digest().hex().substring(0, 12) + " config "
                + config.digest().hex().substring(0, 12) + " on " + target;
    }
}
