package dev.precast.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArtifactKeyTest {
    private static final String A = "a".repeat(64);
    private static final LaneId LANE = new LaneId(
            EngineId.parse("chicory@1.7.5+1"),
            EngineHash.parse("sha256:" + "b".repeat(64)),
            ConfigHash.parse("sha256:" + "c".repeat(64)),
            Target.JVM);
    private static final ArtifactKey KEY = LANE.key(ModuleDigest.parse("sha256:" + A));

    @Test
    void a_key_prints_its_canonical_form() {
        assertThat(KEY.canonical())
                .isEqualTo("precast/artifact-key/v1\n"
                        + "module sha256:" + A + "\n"
                        + "engine chicory@1.7.5+1\n"
                        + "engine-hash sha256:" + "b".repeat(64) + "\n"
                        + "config sha256:" + "c".repeat(64) + "\n"
                        + "target jvm\n");
    }

    @Test
    void a_lane_is_the_same_without_the_module() {
        assertThat(LANE.canonical())
                .isEqualTo(KEY.canonical().replace("artifact-key", "lane").replace("module sha256:" + A + "\n", ""));
    }

    @Test
    void every_part_changes_the_digest() {
        Digest other = Digest.parse("sha256:" + "d".repeat(64));
        List<Digest> digests = List.of(
                KEY.digest(),
                LANE.key(new ModuleDigest(other)).digest(),
                key(EngineId.parse("chicory@1.7.5+2"), LANE.engineHash(), LANE.config(), LANE.target()),
                key(EngineId.parse("chicory@1.7.6+1"), LANE.engineHash(), LANE.config(), LANE.target()),
                key(EngineId.parse("endive@1.7.5+1"), LANE.engineHash(), LANE.config(), LANE.target()),
                key(LANE.engine(), new EngineHash(other), LANE.config(), LANE.target()),
                key(LANE.engine(), LANE.engineHash(), new ConfigHash(other), LANE.target()),
                key(LANE.engine(), LANE.engineHash(), LANE.config(), new Target("pulley64")),
                LANE.digest());

        assertThat(digests).doesNotHaveDuplicates();
    }

    @Test
    void a_lane_with_its_config_has_the_identity_of_its_config_hash() {
        CompileConfig config = CompileConfig.parse("{\"a\":1}");
        Lane lane = new Lane(LANE.engine(), LANE.engineHash(), config, Target.JVM);

        assertThat(lane.id()).isEqualTo(new LaneId(LANE.engine(), LANE.engineHash(), config.hash(), Target.JVM));
    }

    private static Digest key(EngineId engine, EngineHash hash, ConfigHash config, Target target) {
        return new LaneId(engine, hash, config, target).key(KEY.module()).digest();
    }
}
