package dev.precast.protocol;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;

/** Paths of the wire protocol. Paths contain digests as 64 hexadecimal digits. */
public final class Paths {
    public static final String MODULES = "/v1/modules";
    public static final String LOOKUPS = "/v1/lookups";
    public static final String ARTIFACTS = "/v1/artifacts";
    public static final String COMPILATIONS = "/v1/compilations";
    public static final String WARMUPS = "/v1/warmups";
    public static final String MODULE_LISTS = "/v1/module-lists";
    public static final String USAGE = "/v1/usage";
    public static final String RETIREMENTS = "/v1/retirements";
    public static final String ENGINES = "/v1/engines";
    public static final String TRUST = "/v1/trust";
    public static final String TRUST_CURRENT = TRUST + "/current";
    public static final String DEAD_LETTERS = "/v1/dead-letters";
    public static final String SCRUBS = "/v1/scrubs";

    /** Template (RFC 6570, level 1) of {@link #artifact}. */
    public static final String ARTIFACT_TEMPLATE =
            ARTIFACTS + "/{module}/{engine}/{" + LaneJson.ENGINE_HASH + "}/{config}/{target}";

    /** Template of {@link #reports}. */
    public static final String REPORTS_TEMPLATE = ARTIFACT_TEMPLATE + "/reports";

    private Paths() {}

    /** The bytes of a module. */
    public static String module(ModuleDigest module) {
        return MODULES + "/" + module.digest().hex();
    }

    /** The payload of an artifact. */
    public static String artifact(ArtifactKey key) {
        LaneId lane = key.lane();
        return ARTIFACTS + "/" + key.module().digest().hex() + "/" + lane.engine() + "/"
                + lane.engineHash().digest().hex() + "/"
                + lane.config().digest().hex() + "/" + lane.target();
    }

    /** Reports about the payload of an artifact. */
    public static String reports(ArtifactKey key) {
        return artifact(key) + "/reports";
    }

    /** The compilation of a key, by the key's digest. */
    public static String compilation(Digest key) {
        return COMPILATIONS + "/" + key.hex();
    }

    /** A warm-up, by its id. */
    public static String warmup(String id) {
        return WARMUPS + "/" + id;
    }
}
