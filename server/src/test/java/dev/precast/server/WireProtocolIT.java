package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire protocol, against the packaged server with real stores and a pack whose compiler is a shell script. */
final class WireProtocolIT {
    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        server = RealServer.precast(
                folder.resolve("data"),
                "-Xmx256m",
                "-Dprecast.packs.folder=" + CopyPack.in(folder),
                "-Dprecast.slots=2",
                "-Dprecast.upload.max-bytes=1M");
        client = Client.local(server.address(), folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void a_module_is_stored_once_and_comes_back_as_it_was() throws Exception {
        byte[] module = CopyPack.module("stored");
        String path = "/v1/modules/" + Digest.of(module).hex();

        assertThat(client.get(path).problem()).isEqualTo("module-unknown");
        assertThat(client.send("PUT", path, module).status()).isEqualTo(201);
        Answer again = client.send("POST", "/v1/modules", module);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().string("digest")).isEqualTo(Digest.of(module).toString());
        assertThat(again.header("location")).isEqualTo(path);

        Answer got = client.get(path);
        assertThat(got.body()).isEqualTo(module);
        assertThat(got.header("content-type")).isEqualTo("application/wasm");
        Answer head = client.send("HEAD", path, new byte[0]);
        assertThat(head.header("content-length")).isEqualTo(Integer.toString(module.length));
        assertThat(head.header("etag")).isEqualTo("\"" + Digest.of(module) + "\"");
        assertThat(client.get(path, "If-None-Match", head.header("etag")).status())
                .isEqualTo(304);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health/ready", "/v1/engines", "/v1/nothing"})
    void every_answer_says_when_it_was_made(String path) throws Exception {
        List<String> dates = client.get(path).response().headers().allValues("Date");

        assertThat(dates).hasSize(1).first().asString().matches("[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} .* GMT");
        Instant made = ZonedDateTime.parse(dates.getFirst(), DateTimeFormatter.RFC_1123_DATE_TIME)
                .toInstant();
        assertThat(made).isBetween(Instant.now().minusSeconds(30), Instant.now().plusSeconds(1));
    }

    @Test
    void an_unacceptable_module_is_refused() throws Exception {
        byte[] module = CopyPack.module("refused");
        String other = "/v1/modules/" + "0".repeat(64);

        assertThat(client.send("PUT", other, module).problem()).isEqualTo("digest-mismatch");
        assertThat(client.send("PUT", other, "not wasm".getBytes(StandardCharsets.UTF_8))
                        .problem())
                .isEqualTo("not-wasm");
        assertThat(client.send("POST", "/v1/modules", new byte[2 << 20]).problem())
                .isEqualTo("module-too-large");
        assertThat(client.send("PUT", "/v1/modules/nonsense", module).problem()).isEqualTo("bad-request");
        assertThat(client.get(other).problem()).isEqualTo("module-unknown");
    }

    @Test
    void a_request_waits_for_its_artifact_and_a_lookup_finds_it() throws Exception {
        Digest module = client.upload(CopyPack.module("wanted"));
        JsonObject before = client.lookup(module);
        assertThat(before.string("state")).isEqualTo("absent");
        assertThat(before.get("stored")).isEqualTo(Json.of(true));

        Answer done = client.compile(module, "Prefer", "respond-async, wait=30");
        assertThat(done.status()).isEqualTo(200);
        assertThat(done.json().string("state")).isEqualTo("present");

        JsonObject after = client.lookup(module);
        assertThat(after.string("state")).isEqualTo("present");
        assertThat(after.get("attestation")).isEqualTo(done.json().get("attestation"));
        String href = after.string("href");
        assertThat(client.get(href).body()).isEqualTo(CopyPack.module("wanted"));
        assertThat(client.get(href + "/attestation").json()).isEqualTo(after.get("attestation"));
        assertThat(client.get("/v1/compilations/" + done.json().string("key")).status())
                .isEqualTo(200);
    }

    @Test
    void a_request_without_waiting_is_accepted_and_can_be_asked_after() throws Exception {
        Digest module = client.upload(CopyPack.module("dozeone"));

        Answer accepted = client.compile(module);
        assertThat(accepted.status()).isEqualTo(202);
        assertThat(accepted.json().string("state")).isEqualTo("compiling");
        assertThat(client.lookup(module).string("state")).isEqualTo("compiling");
        assertThat(client.get(accepted.header("location")).status()).isEqualTo(202);
        assertThat(client.get(accepted.header("location"), "Prefer", "wait=1").status())
                .isEqualTo(202);
        assertThat(client.get(accepted.header("location"), "Prefer", "wait=30").status())
                .isEqualTo(200);
    }

    @Test
    void a_hundred_waiters_get_one_compilation() throws Exception {
        Digest module = client.upload(CopyPack.module("sleepmany"));
        Callable<Integer> waiter =
                () -> client.compile(module, "Prefer", "wait=30").status();

        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status :
                    executor.invokeAll(Stream.generate(() -> waiter).limit(100).toList())) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
    }

    @Test
    void each_form_of_a_payload_has_its_own_tag_and_ranges() throws Exception {
        byte[] bytes = CopyPack.module("forms");
        Digest module = client.upload(bytes);
        String href = client.compile(module, "Prefer", "wait=30").json().string("href");

        Answer plain = client.get(href, "Accept-Encoding", "zstd;q=0.2, identity");
        Answer zstd = client.get(href, "Accept-Encoding", "gzip, zstd");
        assertThat(plain.header("content-encoding")).isEmpty();
        assertThat(zstd.header("content-encoding")).isEqualTo("zstd");
        assertThat(zstd.header("etag"))
                .isEqualTo("\"" + Digest.of(zstd.body()) + "\"")
                .isNotEqualTo(plain.header("etag"));
        assertThat(zstd.header("vary")).isEqualTo("Accept-Encoding");

        Answer part = client.get(href, "Range", "bytes=1-3");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(new byte[] {'a', 's', 'm'});
        assertThat(part.header("content-range")).isEqualTo("bytes 1-3/" + bytes.length);
        assertThat(client.get(href, "Range", "bytes=-4", "Accept-Encoding", "zstd")
                        .body())
                .isEqualTo(Arrays.copyOfRange(zstd.body(), zstd.body().length - 4, zstd.body().length));
        assertThat(client.get(href, "Range", "bytes=1-3", "If-Range", zstd.header("etag"))
                        .status())
                .isEqualTo(200);
        assertThat(client.get(href, "Range", "bytes=9999-").problem()).isEqualTo("range-not-satisfiable");
        assertThat(client.get(href, "If-None-Match", "\"x\", " + plain.header("etag"))
                        .status())
                .isEqualTo(304);
        Answer head = client.send("HEAD", href, new byte[0]);
        assertThat(head.header("content-length")).isEqualTo(Integer.toString(bytes.length));
    }

    @Test
    void a_rejection_and_a_failure_are_answers_and_enqueue_nothing() throws Exception {
        Digest rejected = client.upload(CopyPack.module("reject"));
        Answer first = client.compile(rejected, "Prefer", "wait=30");
        assertThat(first.problem()).isEqualTo("module-rejected");
        assertThat(first.json().string("rejection")).isEqualTo("invalid-module");
        assertThat(client.compile(rejected).problem()).isEqualTo("module-rejected");
        assertThat(client.lookup(rejected).string("code")).isEqualTo("invalid-module");

        Digest failed = client.upload(CopyPack.module("crash"));
        Answer crash = client.compile(failed, "Prefer", "wait=30");
        assertThat(crash.problem()).isEqualTo("compilation-failed");
        assertThat(Integer.parseInt(crash.header("retry-after"))).isBetween(30, 60);
        assertThat(client.compile(failed).problem()).isEqualTo("compilation-failed");
        JsonObject found = client.lookup(failed);
        assertThat(found.string("cause")).isEqualTo("crash");
        assertThat(found.integer("attempts", 1, 1)).isEqualTo(1);
    }

    @Test
    void a_lane_that_is_not_served_is_refused_at_once() throws Exception {
        Digest unknown = Digest.of(new byte[] {1});
        assertThat(client.compile(unknown).problem()).isEqualTo("module-unknown");

        Digest module = client.upload(CopyPack.module("lane"));
        JsonObject other = client.lane().with("module", module.toString()).with("engine", "copy@1.0.1+1");
        assertThat(client.post("/v1/compilations", other).problem()).isEqualTo("engine-not-served");

        Digest component = client.upload(new byte[] {0, 'a', 's', 'm', 0x0d, 0, 1, 0});
        Answer answer = client.compile(component);
        assertThat(answer.problem()).isEqualTo("module-rejected");
        assertThat(answer.json().string("rejection")).isEqualTo("component-unsupported");

        assertThat(client.get("/v1/compilations/" + unknown).problem()).isEqualTo("compilation-unknown");
        assertThat(client.get("/v1/artifacts/" + unknown + "/copy@1.0.0+1/" + unknown + "/" + unknown + "/jvm")
                        .problem())
                .isEqualTo("artifact-unknown");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET    | /v1/nothing     |                  |                     | 404 | not-found
            GET    | /elsewhere      |                  |                     | 404 | not-found
            DELETE | /v1/trust       |                  |                     | 405 | method-not-allowed
            POST   | /v1/lookups     | text/plain       | hello               | 415 | unsupported-media-type
            POST   | /v1/lookups     | application/json | {"modules":[        | 400 | bad-request
            POST   | /v1/lookups     | application/json | {"modules":[]}      | 400 | bad-request
            POST   | /v1/lookups     | application/json | {"modules":3}       | 400 | bad-request
            POST   | /v1/lookups     | application/json | {"strange":[]}      | 400 | bad-request
            POST   | /v1/lookups     | application/json | {"lanes":[],"lanes":[]} | 400 | bad-request
            POST   | /v1/lookups     | application/json | null                | 400 | bad-request
            POST   | /v1/compilations| application/json | {"priority":"cold"} | 400 | bad-request
            GET    | /v1/compilations/12 |              |                     | 400 | bad-request
            PUT    | /v1/trust       | application/json | {}                  | 409 | policy-refused
            PUT    | /v1/trust/current | application/json | {}                | 409 | policy-refused
            PUT    | /v1/trust/current | application/json | [                 | 409 | policy-refused
            """)
    void every_error_is_a_problem(String method, String path, String type, String body, int status, String code)
            throws Exception {
        byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
        String[] headers = type == null ? new String[0] : new String[] {"Content-Type", type};

        Answer answer = client.send(method, path, bytes, headers);

        assertThat(answer.problem()).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).doesNotContain("dev.precast", "java.", "Exception");
    }

    @Test
    void an_unsupported_method_gets_the_supported_ones() throws Exception {
        assertThat(client.send("DELETE", "/v1/trust", new byte[0]).header("allow"))
                .isEqualTo("GET, PUT");
        assertThat(client.send("DELETE", "/v1/trust/current", new byte[0]).header("allow"))
                .isEqualTo("GET, PUT");
        assertThat(client.send("DELETE", "/v1/modules/" + "0".repeat(64), new byte[0])
                        .header("allow"))
                .isEqualTo("GET, HEAD, PUT");
    }

    @Test
    void bodies_read_into_memory_are_limited() throws Exception {
        Answer answer = client.send("POST", "/v1/lookups", new byte[3 << 20], "Content-Type", "application/json");

        assertThat(answer.problem()).isEqualTo("body-too-large");
    }

    /** The JDK's client does not let a test choose its Host. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Host: evil.example                            | 403 | host-refused
            Host: 127.0.0.1.evil.example                  | 403 | host-refused
            Host:                                         | 403 | host-refused
            Host: localhost                               | 200 |
            Host: [::1]:80                                | 200 |
            Host: localhost;Origin: http://localhost      | 200 |
            Host: localhost;Origin: http://evil.example   | 403 | origin-refused
            Host: localhost;Origin: null                  | 403 | origin-refused
            Host: localhost:1;Origin: http://localhost:2  | 403 | origin-refused
            """)
    void a_page_of_another_site_is_refused(String headers, int status, String code) throws Exception {
        String request = "GET /v1/trust HTTP/1.1\r\n" + headers.replace(";", "\r\n") + "\r\nConnection: close\r\n\r\n";
        try (Socket socket =
                new Socket(server.address().getHost(), server.address().getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
            assertThat(answer).contains(code == null ? "payloadType" : "\"code\":\"" + code + "\"");
        }
    }

    @Test
    void the_policy_and_the_proof_of_the_data_folder_are_served() throws Exception {
        byte[] stored = Files.readAllBytes(folder.resolve("data/documents/trust/policy"));

        assertThat(client.get("/v1/trust").body()).isEqualTo(stored);
        Answer proof = client.get("/v1/trust/current");
        assertThat(proof.body()).isEqualTo(Files.readAllBytes(folder.resolve("data/documents/trust/current")));
        assertThat(proof.header("content-type")).isEqualTo("application/json");
        assertThat(proof.header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void requests_are_in_metrics_and_OpenAPI() throws Exception {
        Digest module = client.upload(CopyPack.module("counted"));
        client.compile(module, "Prefer", "wait=30");
        client.lookup(module);

        assertThat(client.get("/q/metrics").text())
                .contains("precast_compile_seconds_bucket{engine=\"copy@1.0.0+1\",outcome=\"compiled\"")
                .contains("precast_policy_version", "precast_policy_expires_seconds", "precast_policy_grace_seconds")
                .contains("precast_online_key_expires_seconds", "precast_statement_expires_seconds 8")
                .contains("precast_queue_depth", "precast_slots_busy", "precast_slots_total 2.0")
                .contains("precast_lookups_total{state=\"present\"}", "precast_bytes_in_total", "cache_gets_total")
                .contains("precast_store_seconds_count{operation=\"put\",result=\"done\",store=\"modules\"}");
        assertThat(client.get("/q/openapi").text())
                .contains(List.of("/v1/modules/{sha256}", "/v1/lookups", "/v1/compilations/{key}", "/v1/trust"));
        assertThat(client.get("/q/health/live").status()).isEqualTo(200);
        assertThat(server.log().lines().filter(line -> !line.contains("Landlock: ")))
                .noneMatch(line -> line.contains("ERROR") || line.contains("WARN"));
    }
}
