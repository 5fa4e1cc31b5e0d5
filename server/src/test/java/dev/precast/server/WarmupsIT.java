package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testing.Scale;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Warm-ups by the wire protocol, against the packaged server with real stores and a pack that is a shell script. */
@Execution(ExecutionMode.CONCURRENT)
final class WarmupsIT {
    private static final int SLEEPERS = Scale.of(6, 16);

    @TempDir
    Path folder;

    private ServerProcess server;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        Path packs = CopyPack.in(folder);
        server = RealServer.precast(folder.resolve("data"), options(packs));
        client = Client.local(server.address(), folder.resolve("data"));
    }

    private static String[] options(Path packs) {
        return new String[] {"-Dprecast.packs.folder=" + packs, "-Dprecast.slots=2"};
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.close();
    }

    private List<Digest> upload(int modules, String word) throws Exception {
        List<Digest> digests = new ArrayList<>();
        for (int i = 0; i < modules; i++) {
            digests.add(client.upload(CopyPack.module(word + "x" + i)));
        }
        return digests;
    }

    private static Json strings(List<Digest> digests) {
        return Json.ofStrings(digests.stream().map(Digest::toString).toList());
    }

    private Answer begin(List<Digest> modules) throws Exception {
        return client.post("/v1/warmups", JsonObject.EMPTY.with("modules", strings(modules)));
    }

    private JsonObject ended(String location) throws Exception {
        JsonObject now = client.get(location).json();
        long end = System.nanoTime() + 120_000_000_000L;
        while (now.string("state").equals("running") && System.nanoTime() < end) {
            Thread.sleep(200);
            now = client.get(location).json();
        }
        return now;
    }

    @Test
    void a_list_is_compiled_and_each_module_has_its_outcome() throws Exception {
        List<Digest> modules = upload(12, "good");
        Digest rejected = client.upload(CopyPack.module("reject"));
        Digest failed = client.upload(CopyPack.module("crash"));
        List<Digest> all = new ArrayList<>(modules);
        all.addAll(List.of(rejected, failed, Digest.of(new byte[] {1})));
        Answer sent = client.post("/v1/module-lists", JsonObject.EMPTY.with("modules", strings(all)));
        assertThat(sent.status()).isEqualTo(200);

        Answer begun = client.post(
                "/v1/warmups",
                JsonObject.EMPTY
                        .with("lists", Json.ofStrings(List.of(sent.json().string("list"))))
                        .with("lanes", Json.of(List.of(client.lane()))));
        assertThat(begun.status()).isEqualTo(202);
        JsonObject done = ended(begun.header("location"));

        assertThat(done.string("state")).isEqualTo("done");
        assertThat(done.integer("present", 0, 100)).isEqualTo(12);
        assertThat(done.integer("rejected", 0, 100)).isEqualTo(1);
        assertThat(done.integer("failed", 0, 100)).isEqualTo(1);
        assertThat(done.integer("unknown", 0, 100)).isEqualTo(1);
        assertThat(done.integer("left", 0, 100)).isZero();
        List<Json> results =
                client.get(begun.header("location") + "/results?from=11").json().array("results");
        assertThat(results.get(0).asObject("result").string("state")).isEqualTo("present");
        assertThat(results.get(1).asObject("result").string("code")).isEqualTo("invalid-module");
        assertThat(results.get(2).asObject("result").string("code")).isEqualTo("crash");
        assertThat(results.get(3).asObject("result").string("code")).isEqualTo("module-unknown");
    }

    @Test
    void a_warm_up_goes_on_after_the_server_was_started_again() throws Exception {
        Answer begun = begin(upload(SLEEPERS, "sleep"));
        assertThat(begin(upload(SLEEPERS, "sleep")).status())
                .as("repeating the request starts no second warm-up")
                .isEqualTo(200);
        server.close();
        server = RealServer.precast(folder.resolve("data"), options(folder.resolve("packs")));
        client.close();
        client = Client.local(server.address(), folder.resolve("data"));

        JsonObject done = ended(begun.header("location"));

        assertThat(done.string("state")).isEqualTo("done");
        assertThat(done.integer("present", 0, 100)).isEqualTo(SLEEPERS);
    }

    @Test
    void progress_comes_as_events_until_the_end() throws Exception {
        Answer begun = begin(upload(SLEEPERS, "sleep"));

        Answer events = client.get(begun.header("location") + "/events");

        assertThat(events.header("content-type")).startsWith("text/event-stream");
        List<JsonObject> told = new String(events.body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("data:"))
                .map(line -> Json.parse(line.substring(5).strip()).asObject("event"))
                .toList();
        assertThat(told).hasSizeGreaterThan(1);
        assertThat(told.getFirst().string("state")).isEqualTo("running");
        assertThat(told.getLast().string("state")).isEqualTo("done");
        assertThat(told.getLast().integer("present", 0, 100)).isEqualTo(SLEEPERS);
    }

    @Test
    void a_warm_up_is_cancelled_and_what_is_malformed_is_refused() throws Exception {
        Answer begun = begin(upload(Scale.of(40, 200), "sleep"));
        Answer cancelled = client.send("DELETE", begun.header("location"), new byte[0]);
        assertThat(cancelled.json().string("state")).isEqualTo("cancelled");
        assertThat(ended(begun.header("location")).integer("left", 0, 200)).isPositive();

        String none = "/v1/warmups/" + "0".repeat(32);
        assertThat(client.get(none).problem()).isEqualTo("warmup-unknown");
        assertThat(client.get(none + "/events").problem()).isEqualTo("warmup-unknown");
        assertThat(client.get(none + "/results").problem()).isEqualTo("warmup-unknown");
        assertThat(client.get("/v1/warmups/x").problem()).isEqualTo("bad-request");
        assertThat(client.post("/v1/warmups", JsonObject.EMPTY).problem()).isEqualTo("bad-request");
        JsonObject list =
                JsonObject.EMPTY.with("lists", strings(List.of(Digest.of("unknown".getBytes(StandardCharsets.UTF_8)))));
        assertThat(client.post("/v1/warmups", list).problem()).isEqualTo("list-unknown");
        JsonObject lane = JsonObject.EMPTY
                .with("modules", Json.of(List.of()))
                .with("lanes", Json.of(List.of(client.lane().with("engine", "copy@1.0.0+2"))));
        assertThat(client.post("/v1/warmups", lane).problem()).isEqualTo("engine-not-served");
    }
}
