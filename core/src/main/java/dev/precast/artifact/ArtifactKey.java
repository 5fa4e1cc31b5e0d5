package dev.precast.artifact;

import java.nio.charset.StandardCharsets;

/**
 * Names one artifact: a module compiled in a lane. The key covers everything that changes the compiled code.
 *
 * @param lane engine, engine hash, config and target
 * @param module digest of the module's wasm bytes
 */
public record ArtifactKey(LaneId lane, ModuleDigest module) {
    /**
     * The canonical text, one {@code name value} per line, each ended by LF:
     *
     * <pre>
     * precast/artifact-key/v1
     * module sha256:…
     * engine chicory@1.7.5+1
     * engine-hash sha256:…
     * config sha256:…
     * target jvm
     * </pre>
     */
    public String canonical() {
        return "precast/artifact-key/v1\nmodule " + module + "\n" + lane.fields();
    }

    /** SHA-256 of the canonical text: the key digest. */
    public Digest digest() {
        return Digest.of(canonical().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ArtifactKey that && module.equals(that.module) && lane.equals(that.lane);
    }

    @Override
    public int hashCode() {
        return 31 * module.hashCode() + lane.hashCode();
    }

    /** A readable form with the module and the lane. */
    @Override
    public String toString() {
        return "module " + module + " for " + lane;
    }
}
