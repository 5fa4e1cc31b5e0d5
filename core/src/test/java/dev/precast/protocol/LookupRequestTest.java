package dev.precast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ConfigHash;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.KeyState.Absent;
import dev.precast.protocol.KeyState.Compiling;
import dev.precast.protocol.KeyState.Failed;
import dev.precast.protocol.KeyState.Present;
import dev.precast.protocol.KeyState.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON forms that docs/wire-protocol.md shows. */
class LookupRequestTest {
    private static final Digest A = new Digest("a".repeat(64));
    private static final ModuleDigest MODULE = new ModuleDigest(A);
    private static final LaneId LANE =
            new LaneId(EngineId.parse("chicory@1.7.5+1"), new EngineHash(A), new ConfigHash(A), new Target("jvm"));

    static Stream<KeyState> states() {
        return Stream.of(
                new Present("{\"payload\":\"…\"}".getBytes(StandardCharsets.UTF_8)),
                new Rejected("invalid-module", "m"),
                new Failed("time", "m", 2, Instant.parse("2026-01-01T00:00:00Z")),
                new Compiling(),
                new Absent(true),
                new Absent(false));
    }

    @ParameterizedTest
    @MethodSource("states")
    void a_state_is_read_as_it_was_written_and_unknown_members_are_ignored(KeyState state) {
        assertThat(KeyState.fromJson(state.toJson().with("later", 1))).isEqualTo(state);
    }

    @Test
    void a_state_has_the_members_of_the_protocol() {
        assertThat(states().map(state -> state.toJson().canonical()))
                .containsExactly(
                        "{\"attestation\":{\"payload\":\"…\"},\"state\":\"present\"}",
                        "{\"code\":\"invalid-module\",\"message\":\"m\",\"state\":\"rejected\"}",
                        "{\"attempts\":2,\"cause\":\"time\",\"message\":\"m\",\"retryAt\":\"2026-01-01T00:00:00Z\",\"state\":\"failed\"}",
                        "{\"state\":\"compiling\"}",
                        "{\"state\":\"absent\",\"stored\":true}",
                        "{\"state\":\"absent\",\"stored\":false}");
    }

    @Test
    void a_state_of_an_unknown_name_is_absent() {
        assertThat(KeyState.fromJson(JsonObject.EMPTY.with("state", "frozen"))).isEqualTo(new Absent(false));
    }

    @Test
    void a_failure_without_a_time_is_refused() {
        assertThatThrownBy(() -> KeyState.fromJson(
                        JsonObject.EMPTY.with("state", "failed").with("retryAt", "soon")))
                .hasMessageContaining("retryAt: expected an RFC 3339 time");
    }

    @Test
    void a_request_has_the_form_of_the_protocol() {
        String a = "\"sha256:" + A.hex() + "\"";
        assertThat(new LookupRequest(List.of(MODULE), List.of(LANE)).toJson().canonical())
                .isEqualTo("{\"lanes\":[{\"config\":" + a + ",\"engine\":\"chicory@1.7.5+1\",\"engineHash\":" + a
                        + ",\"target\":\"jvm\"}],\"modules\":[" + a + "]}");
    }

    @Test
    void an_answer_is_read_for_the_modules_and_lanes_that_were_asked() {
        LookupRequest request = new LookupRequest(List.of(MODULE), List.of(LANE));
        JsonObject result = new Compiling().toJson().with("module", MODULE.toString());
        assertThat(request.results(answer(result.with("lane", 0))))
                .containsExactly(new LookupRequest.Result(MODULE, 0, new Compiling()));
        assertThatThrownBy(() -> request.results(answer(result.with("lane", 1))))
                .hasMessageContaining("lane");
        assertThatThrownBy(() -> request.results(answer())).hasMessage("results: expected 1 modules, found 0");
        JsonObject other = result.with("lane", 0).with("module", "sha256:" + "b".repeat(64));
        assertThatThrownBy(() -> request.results(answer(other))).hasMessageContaining("expected module " + MODULE);
    }

    @Test
    void a_folder_tells_attestations_and_payloads_from_other_files() {
        assertThat(ArtifactFolder.attestedKey(ArtifactFolder.attestation(A))).contains(A);
        assertThat(Stream.of(ArtifactFolder.attestation(A), ArtifactFolder.payload(A)))
                .allMatch(ArtifactFolder::isArtifact);
        assertThat(Stream.of(
                        ArtifactFolder.POLICY,
                        ArtifactFolder.CURRENT,
                        ArtifactFolder.INDEX,
                        "A".repeat(64),
                        A.hex() + ".tmp"))
                .noneMatch(ArtifactFolder::isArtifact);
    }

    @Test
    void a_problem_code_is_found_by_its_label() {
        assertThat(ProblemCode.ofLabel("queue-full")).contains(ProblemCode.QUEUE_FULL);
        assertThat(ProblemCode.ofLabel("QUEUE_FULL")).isEmpty();
        assertThat(ProblemCode.QUEUE_FULL.type()).isEqualTo("urn:precast:problem:queue-full");
    }

    private static JsonObject answer(JsonObject... results) {
        return JsonObject.EMPTY.with("results", Json.of(List.of(results)));
    }
}
