package dev.precast.test;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.protocol.KeyJson;
import dev.precast.protocol.Paths;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients of a server see from SIGTERM to its end. */
@Tag("fleet")
class DrainIT {
    private static final Duration DELAY = Duration.ofSeconds(3);
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    @TempDir
    private Path folder;

    private ServerProcess server;
    private RestCalls rest;
    private JsonObject lane;

    @BeforeEach
    void start() throws Exception {
        Path data = folder.resolve("data");
        server = RealServer.precast(
                data,
                "-Dprecast.packs.folder=" + CopyPack.in(folder),
                "-Dprecast.slots=1",
                "-Dprecast.drain-delay=" + DELAY.toSeconds() + "s",
                "-Dprecast.drain-timeout=" + TIMEOUT.toSeconds() + "s");
        rest = new RestCalls(server.address(), data);
        lane = rest.lane("copy");
    }

    @AfterEach
    void stop() {
        server.kill();
        server.close();
    }

    private HttpResponse<byte[]> readiness() throws IOException, InterruptedException {
        return rest.send("GET", "/q/health/ready", null);
    }

    @Test
    void a_server_that_stops_is_not_ready_first_then_ends_waits_and_finishes_downloads() throws Exception {
        Digest large = rest.upload(CopyPack.large(1));
        assertThat(rest.compile(large, lane, 60).statusCode()).isEqualTo(200);
        Digest long_ = rest.upload(CopyPack.module("snore"));
        CompletableFuture<HttpResponse<byte[]>> wait = rest.compiling(long_, lane, 250);
        assertThat(readiness().statusCode()).isEqualTo(200);
        try (Socket download = slow(Paths.artifact(key(large)))) {
            while (rest.lookup(long_, lane).string("state").equals("absent")) {
                Thread.sleep(50);
            }
            Thread.sleep(300);
            long asked = System.nanoTime();
            server.process().toHandle().destroy();

            await().atMost(DELAY).until(() -> readiness().statusCode() == 503);
            HttpResponse<byte[]> served = rest.send("GET", "/v1/engines", null);
            assertThat(served.statusCode()).isEqualTo(200);
            assertThat(served.headers().firstValue("Connection")).contains("close");

            HttpResponse<byte[]> ended = wait.join();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isBetween(DELAY, TIMEOUT);
            assertThat(ended.statusCode()).isEqualTo(202);
            assertThat(ended.headers().firstValue("Location"))
                    .contains(Paths.compilation(key(long_).digest()));

            HttpResponse<byte[]> refused = rest.send("GET", "/v1/engines", null);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(RestCalls.json(refused).string("code")).isEqualTo("stopping");
            assertThat(readiness().statusCode()).isEqualTo(503);

            int length = readAnswer(download.getInputStream());
            assertThat(length).isEqualTo(CopyPack.large(1).length);
        }
        assertThat(server.process().waitFor(TIMEOUT.plusSeconds(10))).isTrue();
        assertThat(server.log()).doesNotContain("did not end within").doesNotContain("ERROR");
    }

    @Test
    void a_client_that_reads_nothing_does_not_keep_a_server_from_its_end() throws Exception {
        Digest large = rest.upload(CopyPack.large(2));
        assertThat(rest.compile(large, lane, 60).statusCode()).isEqualTo(200);
        try (Socket download = slow(Paths.artifact(key(large)))) {
            Thread.sleep(300);
            long asked = System.nanoTime();
            server.process().toHandle().destroy();

            assertThat(server.process().waitFor(TIMEOUT.plusSeconds(10))).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThan(TIMEOUT.minusSeconds(1));
            assertThat(download.isConnected()).isTrue();
            assertThat(server.log()).contains("stopping: 1 requests did not end within precast.drain-timeout (8 s)");
        }
    }

    private ArtifactKey key(Digest module) {
        return KeyJson.read(lane.with("module", new ModuleDigest(module).toString()));
    }

    /** Requests a resource and reads nothing. The server cannot send much, because the buffer for it is small. */
    private Socket slow(String path) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 12);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        String head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        return socket;
    }

    /** Reads a whole answer; returns the length of its body. */
    private static int readAnswer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        assertThat(head).startsWith("HTTP/1.1 200");
        int length = head.toString()
                .lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElseThrow();
        return in.readNBytes(length).length;
    }
}
