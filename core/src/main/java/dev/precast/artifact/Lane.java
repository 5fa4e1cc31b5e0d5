package dev.precast.artifact;

/**
 * What a worker offers and a host accepts: engine, engine hash, config and target together.
 *
 * @param engine exact engine
 * @param engineHash loadability
 * @param config the whole config
 * @param target what artifacts run on
 */
public record Lane(EngineId engine, EngineHash engineHash, CompileConfig config, Target target) {
    /** The lane's identity, with the config's hash in the config's place. */
    public LaneId id() {
        return new LaneId(engine, engineHash, config.hash(), target);
    }

    /** By the identity. */
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
