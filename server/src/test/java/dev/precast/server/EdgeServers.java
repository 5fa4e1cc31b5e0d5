package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import dev.precast.testkit.server.Toxics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two edges of one real service, which a proxy can cut off: one forwards the tokens of hosts, the other has a token of its
 * own and little disk. Tests extend this class.
 */
abstract class EdgeServers {
    static final Duration SOON = Duration.ofSeconds(30);
    static final int LARGE = 3 << 20;
    static final long SMALL_BUDGET = 8 << 20;
    static final String READ = "Bearer secret-read";
    static final String ALL = "Bearer secret-admin";

    @TempDir
    static Path folder;

    static ServerProcess upstream;
    static ServerProcess edge;
    static ServerProcess small;
    static Toxics network;
    static Client service;
    static Client near;
    static Client nearSmall;

    @BeforeAll
    static void start() throws Exception {
        Path tokens = tokens("tokens", "read", "upload", "admin");
        // A host that only the edges know.
        Path ofEdges = Files.writeString(
                folder.resolve("tokens-of-edges"), Files.readString(tokens) + line("stranger", "read"));
        upstream = RealServer.precast(
                folder.resolve("data"),
                "-Dprecast.packs.folder=" + CopyPack.in(folder),
                "-Dprecast.slots=2",
                "-Dprecast.auth.tokens-file=" + tokens);
        network = Toxics.before(upstream.address().getPort(), folder.resolve("toxics.log"));
        String address = "-Dprecast.edge.upstream=http://127.0.0.1:" + network.port();
        edge = edge("edge", address, "-Dprecast.auth.tokens-file=" + ofEdges);
        Path token = Files.writeString(folder.resolve("token"), "secret-read\n");
        small = edge(
                "small",
                address,
                "-Dprecast.auth.tokens-file=" + ofEdges,
                "-Dprecast.edge.token-file=" + token,
                "-Dprecast.edge.disk-budget=" + SMALL_BUDGET);
        service = Client.anonymous(upstream.address());
        near = Client.anonymous(edge.address());
        nearSmall = Client.anonymous(small.address());
    }

    static ServerProcess edge(String name, String... options) throws Exception {
        return RealServer.precast(
                folder.resolve(name),
                Stream.concat(
                                Stream.of(
                                        "-Dprecast.role=edge",
                                        "-Dprecast.edge.fresh-for=1s",
                                        "-Dprecast.drain-delay=0s"),
                                Arrays.stream(options))
                        .toArray(String[]::new));
    }

    static Path tokens(String name, String... roles) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String role : roles) {
            lines.append(line(role, role));
        }
        return Files.writeString(folder.resolve(name), lines);
    }

    static String line(String name, String role) {
        return Digest.of(("secret-" + name).getBytes(StandardCharsets.UTF_8)).hex() + " " + name + " " + role + "\n";
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable each : List.of(service, near, nearSmall, small, edge, network, upstream)) {
            each.close();
        }
    }

    @AfterEach
    final void connect() throws Exception {
        network.heal();
        await(() -> near.get("/v1/usage", "Authorization", READ).status() == 200);
        await(() -> nearSmall.get("/v1/usage", "Authorization", READ).status() == 200);
    }

    /** An artifact of the upstream, whose payload is the module. */
    @SuppressWarnings("ArrayRecordComponent")
    record Built(Digest module, String href, byte[] payload, SizedDigest raw, SizedDigest zstd) {
        static Built of(String name) throws Exception {
            return of(CopyPack.module(name));
        }

        /** An artifact of more than what is checked before it is sent. */
        static Built large(String name) throws Exception {
            byte[] module = Arrays.copyOf(CopyPack.module(name), LARGE);
            byte[] noise = new byte[LARGE / 2];
            new Random(name.hashCode()).nextBytes(noise);
            System.arraycopy(noise, 0, module, 1024, noise.length);
            return of(module);
        }

        static Built of(byte[] module) throws Exception {
            Digest digest = upload(service, module);
            Answer answer = compile(service, digest);
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            String href = answer.json().string("href");
            Attestation attestation = Attestation.unverified(
                    service.get(href + "/attestation", "Authorization", READ).body());
            return new Built(
                    digest,
                    href,
                    module,
                    attestation.payload(),
                    attestation.compressed().orElseThrow());
        }

        Answer get(Client from, String encoding, String... more) throws Exception {
            String[] headers = {"Authorization", READ, "Accept-Encoding", encoding};
            return from.get(
                    href, Stream.of(headers, more).flatMap(Arrays::stream).toArray(String[]::new));
        }

        JsonObject lookup(Client at) throws Exception {
            return results(at, READ, module).getFirst().asObject("result");
        }

        /** Reports that the payload is damaged, and waits for the check. */
        Answer reportDamage(Client at) throws Exception {
            JsonObject report =
                    JsonObject.EMPTY.with("payload", raw.digest().toString()).with("reason", "damaged");
            return at.post(href + "/reports", report, "Authorization", READ, "Prefer", "wait=20");
        }
    }

    static Digest upload(Client to, byte[] module) throws Exception {
        Digest digest = Digest.of(module);
        Answer answer = to.send("PUT", "/v1/modules/" + digest.hex(), module, "Authorization", ALL);
        assertThat(answer.status()).as(answer.text()).isBetween(200, 201);
        return digest;
    }

    static JsonObject lane() throws Exception {
        JsonObject offer = service.get("/v1/engines", "Authorization", READ)
                .json()
                .array("lanes")
                .getFirst()
                .asObject("lane");
        return JsonObject.EMPTY
                .with("engine", offer.string("engine"))
                .with("engineHash", offer.string("engineHash"))
                .with("config", offer.string("configHash"))
                .with("target", offer.string("target"));
    }

    static Answer compile(Client at, Digest module) throws Exception {
        return at.post(
                "/v1/compilations",
                lane().with("module", module.toString()),
                "Authorization",
                ALL,
                "Prefer",
                "wait=60");
    }

    static Answer lookup(Client at, String token, Digest... modules) throws Exception {
        JsonObject request = JsonObject.EMPTY
                .with(
                        "modules",
                        Json.ofStrings(Stream.of(modules).map(Digest::toString).toList()))
                .with("lanes", Json.of(List.of(lane())));
        return at.post("/v1/lookups", request, "Authorization", token);
    }

    static List<Json> results(Client at, String token, Digest... modules) throws Exception {
        Answer answer = lookup(at, token, modules);
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().array("results");
    }

    static Path kept(String node, SizedDigest form) {
        String hex = form.digest().hex();
        return folder.resolve(node)
                .resolve("payloads")
                .resolve(hex.substring(0, 2))
                .resolve(hex);
    }

    static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    static boolean isWhole(Path file, SizedDigest form) throws IOException {
        return Files.exists(file) && Digest.of(Files.readAllBytes(file)).equals(form.digest());
    }

    static void cut() throws IOException {
        network.proxy().disable();
    }

    static double metric(Client of, String name) throws Exception {
        return of.metric(name, "Authorization", READ).orElse(0);
    }

    static void await(Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plus(SOON);
        while (!condition.call()) {
            assertThat(Instant.now()).as("time to wait").isBefore(end);
            Thread.sleep(50);
        }
    }
}
