package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.artifact.Digest;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LaneJson;
import dev.precast.testing.Scale;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A fleet that redirects downloads to its bucket. */
@Tag("fleet")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "starts a fleet; S3LinksIT and RedirectsTest have the parts")
final class RedirectsIT {
    @TempDir
    static Path folder;

    private static final byte[] MODULE = CopyPack.large(1);
    private static final List<String> TRACES = new CopyOnWriteArrayList<>();
    private static HttpServer collector;
    private static Fleet fleet;
    private static FleetNode api;
    private static JsonObject lane;
    private static String href;

    @BeforeAll
    static void start() throws Exception {
        collector = collector();
        List<String> options = new ArrayList<>(Fleet.SMALL);
        options.addAll(List.of(
                "-Dprecast.payloads.redirect=true",
                "-Dprecast.tracing.endpoint=http://127.0.0.1:"
                        + collector.getAddress().getPort(),
                "-Dquarkus.otel.exporter.otlp.protocol=http/protobuf",
                "-Dquarkus.otel.bsp.schedule.delay=100ms"));
        fleet = Fleet.start(folder.resolve("fleet"), CopyPack.in(folder), options);
        fleet.worker();
        api = fleet.nodes().getFirst();
        lane = api.rest().lane("copy");
        Digest module = api.rest().upload(MODULE);
        href = RestCalls.json(api.rest().compile(module, lane, 60)).string("href");
    }

    private static HttpServer collector() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            // Protobuf writes texts as they are.
            TRACES.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        return server;
    }

    @AfterAll
    static void stop() {
        fleet.close();
        collector.stop(0);
    }

    private static HttpResponse<byte[]> get(String... headers) throws Exception {
        return api.rest().send("GET", href, null, headers);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static HttpResponse<byte[]> follow(HttpResponse<?> redirect, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(header(redirect, "Location")));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        }
    }

    @Test
    void a_client_that_asks_for_it_is_redirected_to_the_stored_form_that_it_prefers() throws Exception {
        for (String encoding : List.of("identity", "zstd")) {
            HttpResponse<byte[]> redirect = get("Prefer", "wait=1, redirect", "Accept-Encoding", encoding);
            HttpResponse<byte[]> direct = get("Accept-Encoding", encoding);

            assertThat(redirect.statusCode()).isEqualTo(307);
            assertThat(header(redirect, "Cache-Control")).isEqualTo("no-store");
            assertThat(header(redirect, "Preference-Applied")).isEqualTo("redirect");
            assertThat(header(redirect, "ETag")).isEqualTo(header(direct, "ETag"));
            assertThat(header(redirect, "Location"))
                    .startsWith(fleet.s3().endpoint() + "/")
                    .contains("X-Amz-Expires=300");
            HttpResponse<byte[]> stored = follow(redirect);
            assertThat(stored.body()).isEqualTo(direct.body());
            assertThat(header(stored, "Content-Encoding")).isEqualTo(header(direct, "Content-Encoding"));
            assertThat(header(direct, "Content-Encoding")).isEqualTo(encoding.equals("zstd") ? "zstd" : "");
            assertThat(follow(redirect, "Range", "bytes=10-19").body())
                    .isEqualTo(Arrays.copyOfRange(direct.body(), 10, 20));
        }
    }

    @Test
    void other_requests_are_answered_as_without_redirects() throws Exception {
        HttpResponse<byte[]> whole = get();
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(MODULE);

        HttpResponse<byte[]> part = get("Prefer", "redirect", "Range", "bytes=10-19");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(MODULE, 10, 20));

        String etag = header(whole, "ETag");
        assertThat(get("Prefer", "redirect", "If-None-Match", etag).statusCode())
                .isEqualTo(304);
        assertThat(get("Prefer", "redirect", "Range", "bytes=99999999-").statusCode())
                .isEqualTo(416);
        assertThat(api.rest().send("HEAD", href, null, "Prefer", "redirect").statusCode())
                .isEqualTo(200);
        assertThat(api.rest()
                        .send("GET", href.replaceFirst("[0-9a-f]{64}", "0".repeat(64)), null, "Prefer", "redirect")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_host_gets_no_byte_of_a_payload_through_the_service() throws Exception {
        double before = sent();
        double redirects = api.metric("precast_redirects_total");
        ServiceClient client = ServiceClient.builder(api.address())
                .localToken(api.data())
                .redirectsTo(fleet.s3().endpoint())
                .build();

        byte[] loaded = host().load(MODULE, client, fleet.trustRoot());

        assertThat(loaded).isEqualTo(MODULE);
        assertThat(sent()).isEqualTo(before);
        assertThat(api.metric("precast_redirects_total")).isEqualTo(redirects + 1);
    }

    @Test
    void a_host_that_allows_no_redirect_gets_the_payload_from_the_service() throws Exception {
        double before = sent();
        ServiceClient client =
                ServiceClient.builder(api.address()).localToken(api.data()).build();

        assertThat(host().load(MODULE, client, fleet.trustRoot())).isEqualTo(MODULE);
        assertThat(sent()).isGreaterThan(before);
    }

    private static double sent() throws Exception {
        return api.metric("precast_bytes_out_total", "kind=\"payload\"");
    }

    private static CopyHost host() throws Exception {
        JsonObject offer =
                api.rest().get("/v1/engines").array("lanes").getFirst().asObject("lane");
        return new CopyHost(LaneJson.lane(offer));
    }

    @Test
    void a_link_is_in_no_log_no_metric_and_no_trace() throws Exception {
        TRACES.clear();
        String location = header(get("Prefer", "redirect"), "Location");
        String signature = location.replaceFirst(".*X-Amz-Signature=([0-9a-f]+).*", "$1");
        assertThat(signature).hasSize(64);
        for (int i = 0; i < 100 && TRACES.stream().noneMatch(sent -> sent.contains("GET /v1/artifacts")); i++) {
            Thread.sleep(100);
        }

        List<String> told = new ArrayList<>(TRACES);
        assertThat(told).anyMatch(sent -> sent.contains("GET /v1/artifacts"));
        told.add(api.server().log());
        told.add(new String(api.rest().send("GET", "/q/metrics", null).body(), StandardCharsets.UTF_8));
        assertThat(told).noneMatch(text -> text.contains(signature) || text.contains("X-Amz-"));
    }
}
