package dev.precast.api.rest;

import dev.precast.api.json.Names;
import dev.precast.artifact.ArtifactKey;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import jakarta.ws.rs.PathParam;

/** The parts of {@link Paths#ARTIFACT_TEMPLATE}, which name a key. */
record ArtifactPath(
        @PathParam("module") String module,
        @PathParam("engine") String engine,
        @PathParam(LaneJson.ENGINE_HASH) String engineHash,
        @PathParam("config") String config,
        @PathParam("target") String target) {
    /** @throws dev.precast.api.json.ProblemException if a part is malformed */
    ArtifactKey key() {
        return Names.lane(engine, engineHash, config, target).key(Names.module(module));
    }
}
