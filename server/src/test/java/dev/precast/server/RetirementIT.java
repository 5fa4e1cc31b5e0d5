package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Usage and retirement by the wire protocol, against the packaged server with real stores. */
final class RetirementIT {
    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        server = RealServer.precast(
                folder.resolve("data"), "-Dprecast.packs.folder=" + CopyPack.in(folder), "-Dprecast.slots=2");
        client = Client.local(server.address(), folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    private static Digest compiled(String word) throws Exception {
        Digest module = client.upload(CopyPack.module(word));
        assertThat(client.compile(module, "Prefer", "wait=30").status()).isEqualTo(200);
        return module;
    }

    private static JsonObject retire(boolean apply) throws Exception {
        Answer answer = client.post(
                "/v1/retirements", JsonObject.EMPTY.with("keepBytes", 0).with("apply", Json.of(apply)));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> items(JsonObject plan) {
        return plan.array("items").stream()
                .map(item -> item.asObject("item").string("module"))
                .toList();
    }

    @Test
    void artifacts_that_nobody_named_are_retired_and_named_ones_stay() throws Exception {
        Digest idle = compiled("idle");
        Digest lookedUp = compiled("lookedup");
        Digest loaded = compiled("loaded");
        Digest warmed = compiled("warmed");
        assertThat(client.lookup(lookedUp).string("state")).isEqualTo("present");
        String lane = client.get("/v1/engines")
                .json()
                .array("lanes")
                .getFirst()
                .asObject("lane")
                .string("lane");
        JsonObject uses = JsonObject.EMPTY.with("lane", lane).with("modules", JsonObject.EMPTY.with(loaded.hex(), 3));
        assertThat(client.post(
                                "/v1/usage",
                                JsonObject.EMPTY.with("group", "edge").with("uses", Json.of(List.of(uses))))
                        .status())
                .isEqualTo(204);
        assertThat(client.get("/v1/usage/edge?within=1h").json().array("modules"))
                .containsExactly(Json.of(loaded.toString()));
        client.post("/v1/warmups", JsonObject.EMPTY.with("modules", Json.ofStrings(List.of(warmed.toString()))));

        JsonObject plan = retire(false);
        assertThat(items(plan))
                .contains(idle.toString())
                .doesNotContain(lookedUp.toString(), loaded.toString(), warmed.toString());
        assertThat(plan.integer("spared", 0, 100)).isGreaterThanOrEqualTo(3);
        String artifact = client.compile(idle).json().string("href");
        assertThat(client.get(artifact + "/attestation").status())
                .as("a dry run changes nothing")
                .isEqualTo(200);

        JsonObject applied = retire(true);
        assertThat(items(applied)).contains(idle.toString());
        assertThat(client.get(artifact + "/attestation").problem()).isEqualTo("artifact-unknown");
        assertThat(client.get(artifact).body())
                .as("a host that knew the artifact before its retirement")
                .isEqualTo(CopyPack.module("idle"));
        assertThat(client.lookup(loaded).string("state")).isEqualTo("present");

        assertThat(client.compile(idle, "Prefer", "wait=30").status())
                .as("a retired artifact is compiled again when it is requested")
                .isEqualTo(200);
        assertThat(client.get(artifact + "/attestation").status()).isEqualTo(200);
    }

    @Test
    void a_payload_that_was_lost_is_missed_by_the_first_download_and_made_again() throws Exception {
        Digest module = compiled("lost");
        JsonObject found = client.lookup(module);
        assertThat(found.string("state")).isEqualTo("present");
        Attestation attestation = Attestation.unverified(
                client.get(found.string("href") + "/attestation").body());
        Files.delete(stored(attestation.payload().digest()));
        Files.delete(stored(attestation.compressed().orElseThrow().digest()));

        assertThat(client.lookup(module).string("state"))
                .as("a lookup may be out of date before a download")
                .isEqualTo("present");
        assertThat(client.get(found.string("href")).problem()).isEqualTo("artifact-unknown");
        assertThat(client.lookup(module).string("state")).isEqualTo("absent");
        assertThat(client.compile(module, "Prefer", "wait=30").status()).isEqualTo(200);
        assertThat(client.get(found.string("href")).body()).isEqualTo(CopyPack.module("lost"));
    }

    private static Path stored(Digest payload) {
        return folder.resolve("data/payloads")
                .resolve(payload.hex().substring(0, 2))
                .resolve(payload.hex());
    }

    @Test
    void a_lane_that_a_worker_serves_stays() throws Exception {
        String lane = client.get("/v1/engines")
                .json()
                .array("lanes")
                .getFirst()
                .asObject("lane")
                .string("lane");
        Json digests = Json.ofStrings(List.of(lane));

        JsonObject plan = client.post("/v1/retirements", JsonObject.EMPTY.with("lanes", digests))
                .json();
        assertThat(plan.array("lanes")).isEmpty();
        assertThat(plan.array("served")).containsExactly(Json.of(lane));
        JsonObject narrowed = client.post(
                        "/v1/retirements",
                        JsonObject.EMPTY.with("lanes", digests).with("unusedFor", "30d"))
                .json();
        assertThat(narrowed.array("served")).isEmpty();
    }

    @Test
    void a_request_without_criteria_is_refused() throws Exception {
        assertThat(client.post("/v1/retirements", JsonObject.EMPTY).problem()).isEqualTo("bad-request");
        assertThat(client.post("/v1/retirements", JsonObject.EMPTY.with("unusedFor", "60d"))
                        .problem())
                .isEqualTo("bad-request");
        assertThat(client.post("/v1/retirements", JsonObject.EMPTY.with("unusedFor", "soon"))
                        .problem())
                .isEqualTo("bad-request");
        assertThat(client.get("/v1/usage/No").problem()).isEqualTo("bad-request");
        assertThat(client.get("/v1/usage?within=x").problem()).isEqualTo("bad-request");
    }
}
