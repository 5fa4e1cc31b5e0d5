package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.launcher.ServerProcess;
import dev.precast.testing.Scale;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server with a small heap, under large bodies and slow clients. */
final class LoadIT {
    private static final int BIG_MIB = Scale.of(100, 200);
    private static final int SLOW = Scale.of(400, 1_000);
    /** More than the operating system buffers for a connection. */
    private static final int UNREAD_BYTES = 20 << 20;

    @TempDir
    Path folder;

    @Test
    void a_large_module_needs_little_heap() throws Exception {
        Path module = folder.resolve("big.wasm");
        Digest digest = write(module);
        try (ServerProcess server = RealServer.precast(
                        folder.resolve("data"),
                        "-Xmx" + Scale.of(128, 256) + "m",
                        "-Dprecast.packs.folder=" + CopyPack.in(folder));
                HttpClient http = HttpClient.newHttpClient();
                Client client = Client.local(server.address(), folder.resolve("data"))) {
            URI uri = server.address().resolve("/v1/modules/" + digest.hex());

            String authorization = Client.authorization(uri, folder.resolve("data"));

            int put = http.send(
                            HttpRequest.newBuilder(uri)
                                    .header("Authorization", authorization)
                                    .PUT(BodyPublishers.ofFile(module))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
            assertThat(put).isEqualTo(201);
            assertThat(hash(http, uri, authorization)).isEqualTo(digest);

            Client.Answer compiled = client.compile(digest, "Prefer", "wait=280");
            assertThat(compiled.status()).as(compiled.text()).isEqualTo(200);
            URI payload = server.address().resolve(compiled.json().string("href"));
            assertThat(hash(http, payload, authorization)).isEqualTo(digest);
            assertThat(peakKiB(server.process())).isLessThan(700 << 10);
        }
    }

    @Test
    void an_upload_over_the_quota_is_refused_with_the_quota() throws Exception {
        try (ServerProcess server = RealServer.precast(folder.resolve("data"), "-Dprecast.upload.quota=64K");
                Client client = Client.local(server.address(), folder.resolve("data"))) {
            client.upload(CopyPack.module("small"));
            Client.Answer full = client.send("POST", "/v1/modules", Arrays.copyOf(CopyPack.module("large"), 200_000));

            assertThat(full.problem()).isEqualTo("store-full");
            assertThat(full.status()).isEqualTo(507);
            assertThat(full.json().string("detail")).contains("quota exceeded (expected at most 65536 bytes");
            assertThat(full.header("retry-after")).isEmpty();
            client.upload(CopyPack.module("another small one"));
        }
    }

    private static Digest write(Path module) throws IOException {
        MessageDigest sha256 = Digest.sha256();
        byte[] part = new byte[1 << 20];
        Random random = Scale.random(LoadIT.class);
        try (var out = Files.newOutputStream(module)) {
            for (int i = 0; i < BIG_MIB; i++) {
                random.nextBytes(part);
                if (i == 0) {
                    System.arraycopy(CopyPack.module("big"), 0, part, 0, CopyPack.module("big").length);
                }
                sha256.update(part);
                out.write(part);
            }
        }
        return Digest.finish(sha256);
    }

    private static Digest hash(HttpClient http, URI uri, String authorization) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Authorization", authorization)
                .build();
        try (InputStream body = http.send(request, BodyHandlers.ofInputStream()).body()) {
            return Digest.of(body);
        }
    }

    @Test
    void a_client_that_sends_too_slowly_or_not_at_all_gets_408() throws Exception {
        try (ServerProcess server = RealServer.precast(folder.resolve("data"));
                Socket silent = slow(server.address());
                Socket trickling = slow(server.address())) {
            Thread trickle = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        trickling.getOutputStream().write(1);
                        Thread.sleep(100);
                    }
                } catch (IOException | InterruptedException e) {
                    // Cut off, as the test expects.
                    Thread.currentThread().interrupt();
                }
            });
            for (Socket socket : List.of(silent, trickling)) {
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 408 ").contains("\"code\":\"body-too-slow\"");
            }
            trickle.interrupt();
        }
    }

    /** Slow uploads hold places until they are cut off; everything else goes on as before. */
    @Test
    void hundreds_of_slow_clients_do_not_hurt_others() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (ServerProcess server = RealServer.precast(
                        folder.resolve("data"), "-Xmx256m", "-Dprecast.packs.folder=" + CopyPack.in(folder));
                Client client = Client.local(server.address(), folder.resolve("data"))) {
            Digest module = client.upload(CopyPack.module("fast"));
            String href = client.compile(module, "Prefer", "wait=30").json().string("href");
            Callable<?> download = () -> assertThat(client.get(href).status()).isEqualTo(200);
            p99Millis(download);
            double alone = p99Millis(download);

            for (int i = 0; i < SLOW; i++) {
                sockets.add(slow(server.address()));
            }
            double beside = p99Millis(download);

            System.out.printf(
                    "p99 of a download: %.1f ms alone, %.1f ms beside %d slow clients%n", alone, beside, SLOW);
            // Below a few milliseconds the machine's noise dominates.
            assertThat(beside).isLessThan(2 * Math.max(alone, 100));
            assertThat(server.log()).doesNotContain("ERROR");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Large downloads that are not read hold places until they are cut off; everything else goes on as before. */
    @Test
    void hundreds_of_clients_that_read_nothing_do_not_hurt_others() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (ServerProcess server = RealServer.precast(
                        folder.resolve("data"),
                        "-Xmx256m",
                        "-Dprecast.download.max-concurrent=" + SLOW / 8,
                        "-Dprecast.download.wait-timeout=1s",
                        "-Dprecast.packs.folder=" + CopyPack.in(folder));
                Client client = Client.local(server.address(), folder.resolve("data"))) {
            Digest module = client.upload(CopyPack.module("fast"));
            String small = client.compile(module, "Prefer", "wait=30").json().string("href");
            byte[] big = Arrays.copyOf(CopyPack.module("big"), UNREAD_BYTES);
            String large = client.compile(client.upload(big), "Prefer", "wait=60")
                    .json()
                    .string("href");
            p99Millis(() -> client.lookup(module));
            double alone = p99Millis(() -> client.lookup(module));

            for (int i = 0; i < SLOW; i++) {
                sockets.add(unread(server.address(), large));
            }
            Client.Answer refused = client.get(large);
            double beside = p99Millis(() -> client.lookup(module));

            assertThat(refused.problem()).isEqualTo("too-many-requests");
            assertThat(refused.header("retry-after")).isNotEmpty();
            assertThat(client.get(small).status()).isEqualTo(200);
            assertThat(client.get("/q/health/ready").status()).isEqualTo(200);
            System.out.printf(
                    "p99 of a lookup: %.1f ms alone, %.1f ms beside %d clients that read nothing%n",
                    alone, beside, SLOW);
            // Below a few milliseconds the machine's noise dominates.
            assertThat(beside).isLessThan(2 * Math.max(alone, 100));
            await(() -> client.metric("precast_connections_expired_total{reason=\"answer\"}")
                            .orElse(0)
                    > 0);
            await(() -> client.metric("precast_answers_unread_bytes").orElseThrow() == 0);
            assertThat(client.get(large).body()).isEqualTo(big);
            assertThat(server.log()).doesNotContain("ERROR");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Asks for a payload, and reads nothing of it. */
    private static Socket unread(URI server, String href) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 10_000);
        socket.getOutputStream()
                .write(("GET " + href + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(200);
        }
    }

    private Socket slow(URI server) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), 10_000);
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(("PUT /v1/modules/" + "0".repeat(64) + " HTTP/1.1\r\nHost: " + server.getAuthority()
                                + "\r\nAuthorization: " + Client.authorization(server, folder.resolve("data"))
                                + "\r\nContent-Length: 1000000\r\n\r\n\0asm\1\0\0\0")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** The best of three rounds, to exclude pauses of the machine. */
    private static double p99Millis(Callable<?> call) throws Exception {
        return Math.min(round(call), Math.min(round(call), round(call)));
    }

    private static double round(Callable<?> call) throws Exception {
        long[] nanos = new long[Scale.of(200, 400)];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            call.call();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[nanos.length * 99 / 100] / 1e6;
    }

    /** The largest resident memory so far, in KiB; from Linux's /proc. */
    private static long peakKiB(Process process) throws IOException {
        try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return status.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
