package dev.precast.artifact;

/**
 * A combination of engine, engine hash, config and target, which workers offer and hosts accept.
 *
 * @param engine exact engine
 * @param engineHash identifies the engines that can load the artifacts
 * @param config the whole config
 * @param target the platform of the artifacts
 */
public record Lane(EngineId engine, EngineHash engineHash, CompileConfig config, Target target) {
    /** The lane's identity, with the hash of the config instead of the config. */
    public LaneId id() {
        return new LaneId(engine, engineHash, config.hash(), target);
    }

    /** Compares the identities. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Lane that && id().equals(that.id());
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }

    @Override
    public String toString() {
        return id().toString();
    }
}
