package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.launcher.ServerProcess;
import dev.precast.module.EmptyModule;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Limits on connections and requests, and the addresses of clients. Two servers allow two connections or requests of an
 * address and three requests of a token. 127.0.0.2 is their proxy, 127.0.0.1 a client.
 */
final class ConnectionsIT {
    private static final int TOTAL = 20;
    private static final int SLOW = 400;
    private static final String CLIENT = "127.0.0.1";
    private static final String PROXY = "127.0.0.2";
    private static final String EXPIRED_HEADS = "precast_connections_expired_total{reason=\"head\"}";

    @TempDir
    static Path folder;

    /** Allows 2 s for a head and without a request. */
    private static ServerProcess server;
    /** Its proxy uses the PROXY protocol, and it allows few connections in total. */
    private static ServerProcess proxied;

    private final List<RawClient> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = server("data", "-Dprecast.http.head-timeout=2s", "-Dprecast.http.idle-timeout=2s");
        proxied = server("proxied", "-Dprecast.http.proxy-protocol=true", "-Dprecast.http.max-connections=" + TOTAL);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        proxied.close();
    }

    private static ServerProcess server(String name, String... more) throws Exception {
        StringBuilder tokens = new StringBuilder();
        for (String token : List.of("one", "two", "many", "metrics")) {
            String digest = Digest.of(token.getBytes(StandardCharsets.UTF_8)).hex();
            tokens.append(digest).append(' ').append(token).append(" admin\n");
        }
        List<String> options = new ArrayList<>(List.of(
                "-Dprecast.host=0.0.0.0",
                "-Dprecast.auth.tokens-file=" + Files.writeString(folder.resolve("tokens"), tokens),
                "-Dprecast.http.max-connections-per-address=2",
                "-Dprecast.http.max-requests-per-token=3",
                "-Dprecast.http.proxies=" + PROXY));
        options.addAll(List.of(more));
        return RealServer.precast(folder.resolve(name), options.toArray(String[]::new));
    }

    /** Connects; the connection is closed after the test. */
    private RawClient connect(String from) throws IOException {
        RawClient client = new RawClient(server.address(), from);
        open.add(client);
        return client;
    }

    /** An upload whose body the server waits for. Closing ends it. */
    private RawClient upload(RawClient client, String token, String forwarded) throws IOException {
        byte[] module = EmptyModule.wasm();
        client.head(
                "PUT /v1/modules/" + Digest.of(module).hex(),
                "Authorization: Bearer " + token + "\nExpect: 100-continue\nContent-Length: " + module.length + "\n"
                        + forwarded);
        assertThat(client.status()).isEqualTo(100);
        return client;
    }

    private static int get(RawClient client, String token, String forwarded) throws IOException {
        client.head("GET /v1/engines", "Authorization: Bearer " + token + "\n" + forwarded);
        return client.status();
    }

    private static double metric(ServerProcess from, String name) throws Exception {
        try (Client client = Client.anonymous(from.address())) {
            return client.metric(name, "Authorization", "Bearer metrics").orElseThrow();
        }
    }

    /** The other tests start without connections. */
    @AfterEach
    void closeAll() throws Exception {
        for (RawClient client : open) {
            client.close();
        }
        for (ServerProcess each : List.of(server, proxied)) {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (metric(each, "precast_connections") > 1 && System.nanoTime() < deadline) {
                Thread.sleep(50);
            }
        }
    }

    @Test
    void hundreds_of_heads_that_trickle_are_cut_off_and_hurt_nobody() throws Exception {
        double before = metric(server, EXPIRED_HEADS);
        for (int i = 0; i < SLOW; i++) {
            connect(CLIENT).send("GET /v1/engines HTTP/1.1\r\nX-Slow: ");
        }
        Thread trickle = Thread.ofVirtual().start(() -> {
            while (!Thread.interrupted()) {
                for (RawClient slow : open) {
                    try {
                        slow.send("x");
                    } catch (IOException e) {
                        // Cut off, as the test expects.
                    }
                }
                try {
                    Thread.sleep(500);
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        List<RawClient> slow = List.copyOf(open);

        long start = System.nanoTime();
        try (RawClient health = new RawClient(server.address(), CLIENT)) {
            health.head("GET /q/health/live", "");
            assertThat(health.status()).isEqualTo(200);
        }
        double healthMillis = (System.nanoTime() - start) / 1e6;
        for (RawClient client : slow) {
            assertThat(client.isClosedWithin(15_000)).isTrue();
        }
        trickle.interrupt();

        System.out.printf(
                "%d slow heads: health answered after %.0f ms, all closed after %.1f s%n",
                SLOW, healthMillis, (System.nanoTime() - start) / 1e9);
        assertThat(healthMillis).isLessThan(3_000);
        assertThat(metric(server, EXPIRED_HEADS) - before).isEqualTo(SLOW);
    }

    @Test
    void a_connection_without_a_request_is_closed_but_a_request_that_waits_is_not() throws Exception {
        RawClient idle = connect(CLIENT);
        assertThat(get(idle, "one", "")).isEqualTo(200);
        RawClient waiting = upload(connect(CLIENT), "one", "");

        assertThat(idle.isClosedWithin(10_000)).isTrue();
        assertThat(waiting.isClosedWithin(2_000)).isFalse();

        waiting.send(new String(EmptyModule.wasm(), StandardCharsets.ISO_8859_1));
        assertThat(waiting.status()).isBetween(200, 201);
    }

    @Test
    void a_connection_over_the_total_is_closed_until_another_one_ends() throws Exception {
        for (int i = 1; i < TOTAL; i++) {
            proxied(CLIENT, "");
        }
        RawClient last = proxied(CLIENT, "");
        assertThat(get(last, "one", "")).isEqualTo(200);

        assertThat(proxied(CLIENT, "").isClosedWithin(10_000)).isTrue();
        assertThat(last.isClosedWithin(1)).isFalse();
        last.close();

        RawClient next = proxied(CLIENT, "");
        for (int i = 0; i < 100 && next.isClosedWithin(50); i++) {
            next = proxied(CLIENT, "");
        }
        assertThat(get(next, "one", "")).isEqualTo(200);
    }

    @Test
    void requests_that_a_proxy_forwards_are_limited_by_the_address_that_it_names() throws Exception {
        String one = "Forwarded: for=203.0.113.1";
        upload(connect(PROXY), "one", one);
        RawClient second = upload(connect(PROXY), "two", "Forwarded: for=6.6.6.6, for=203.0.113.1");
        RawClient third = connect(PROXY);
        third.head("GET /v1/engines", "Authorization: Bearer many\n" + one);
        List<String> answer = third.answer();

        assertThat(answer.getFirst()).startsWith("HTTP/1.1 429 ");
        assertThat(answer).anyMatch(line -> line.equalsIgnoreCase("retry-after: 5"));
        assertThat(get(connect(PROXY), "many", "Forwarded: for=6.6.6.6\nForwarded: for=203.0.113.1"))
                .isEqualTo(429);
        assertThat(get(connect(PROXY), "many", "Forwarded: for=203.0.113.2")).isEqualTo(200);
        assertThat(get(connect(PROXY), "many", "Forwarded: for=203.0.113.1, for=203.0.113.2"))
                .isEqualTo(200);

        second.close();
        int status = 429;
        for (int i = 0; i < 100 && status == 429; i++) {
            status = get(connect(PROXY), "many", one);
        }
        assertThat(status).isEqualTo(200);
    }

    @Test
    void the_header_Forwarded_of_a_client_is_ignored() throws Exception {
        String forged = "Forwarded: for=203.0.113.1";
        upload(connect(CLIENT), "one", forged);
        upload(connect(CLIENT), "one", forged);

        assertThat(get(connect(CLIENT), "many", forged)).isEqualTo(200);
        assertThat(get(connect(PROXY), "many", forged)).isEqualTo(200);
    }

    @Test
    void requests_at_the_same_time_are_limited_by_token() throws Exception {
        upload(connect(CLIENT), "one", "");
        upload(connect(CLIENT), "one", "");
        upload(connect(CLIENT), "one", "");

        assertThat(get(connect(CLIENT), "one", "")).isEqualTo(429);
        assertThat(get(connect(CLIENT), "two", "")).isEqualTo(200);
        assertThat(metric(server, "precast_requests_refused_total{reason=\"token\"}"))
                .isPositive();
    }

    @Test
    void clients_that_go_away_in_the_middle_leave_no_error_in_the_log() throws Exception {
        byte[] large = Arrays.copyOf(EmptyModule.wasm(), 20 << 20);
        String digest = Digest.of(large).hex();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest upload = HttpRequest.newBuilder(server.address().resolve("/v1/modules/" + digest))
                    .header("Authorization", "Bearer one")
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(large))
                    .build();
            assertThat(client.send(upload, HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isIn(200, 201);
        }
        int before = server.log().length();
        String token = "Authorization: Bearer one\n";
        for (int i = 0; i < 3; i++) {
            try (RawClient upload = new RawClient(server.address(), "127.0.0.1");
                    RawClient question = new RawClient(server.address(), "127.0.0.1");
                    RawClient download = new RawClient(server.address(), "127.0.0.1")) {
                upload.head("PUT /v1/modules/" + "0".repeat(64), token + "Content-Length: 1000000");
                upload.send(new String(EmptyModule.wasm(), StandardCharsets.ISO_8859_1));
                question.head("POST /v1/lookups", token + "Content-Type: application/json\nContent-Length: 1000");
                question.send("{");
                download.head("GET /v1/modules/" + digest, token);
                Thread.sleep(300); // The server waits for bodies, and for the reader of the download.
            }
        }
        Thread.sleep(1000);
        // On a slow machine, Vert.x warns of threads that are blocked.
        assertThat(server.log()
                        .substring(before)
                        .lines()
                        .filter(line -> line.contains("ERROR")
                                || (line.contains("Exception") && !line.contains("Thread blocked"))))
                .isEmpty();
    }

    @Test
    void the_PROXY_protocol_names_clients_and_only_a_proxy_may_use_it() throws Exception {
        String header = "PROXY TCP4 203.0.113.1 192.0.2.1 4711 8077\r\n";
        assertThat(get(proxied(PROXY, header), "one", "")).isEqualTo(200);
        assertThat(get(proxied(PROXY, header), "one", "Forwarded: for=203.0.113.9"))
                .isEqualTo(200);

        assertThat(proxied(PROXY, header).isClosedWithin(10_000)).isTrue();
        assertThat(get(proxied(PROXY, header.replace("113.1", "113.2")), "one", ""))
                .isEqualTo(200);
        assertThat(proxied(PROXY, "GET /v1/engines HTTP/1.1\r\n").isClosedWithin(1_000))
                .isTrue();
        assertThat(get(proxied(CLIENT, ""), "one", "")).isEqualTo(200);
        RawClient forging = proxied(CLIENT, header);
        forging.send("\r\n");
        assertThat(forging.status()).isEqualTo(400);
        assertThat(proxied.log())
                .contains("connection of ", ": refused (expected ")
                .doesNotContain("ERROR", "\tat ");
    }

    private RawClient proxied(String from, String header) throws IOException {
        RawClient client = new RawClient(proxied.address(), from);
        open.add(client);
        client.send(header);
        return client;
    }
}
