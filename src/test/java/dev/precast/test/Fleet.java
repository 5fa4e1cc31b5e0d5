package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A fleet on loopback: NATS with the permissions that ship, an S3 server, and nodes, each a process of its own. A trust
 * root that no node has signs for one key that all workers share.
 */
final class Fleet implements AutoCloseable {
    private static final String BUCKET = "precast";
    private static final String BUILDER = "urn:precast:builder:test";
    private static final List<String> ROLES = List.of("admin", "api", "worker", "host");

    private final Path folder;
    private final Path packs;
    private final int natsPort = RealServer.freePort();
    private final int s3Port = RealServer.freePort();
    private final SigningKey root = SigningKey.generate();
    private final SigningKey signing = SigningKey.generate();
    private final List<FleetNode> nodes = new ArrayList<>();
    private final AtomicInteger made = new AtomicInteger();
    private ServerProcess nats;
    private final ServerProcess s3;
    private final Toxics toxics;

    private Fleet(Path folder, Path packs) throws IOException, InterruptedException {
        this.folder = folder;
        this.packs = packs;
        Files.createDirectories(folder.resolve("objects").resolve(BUCKET));
        Files.createDirectories(folder.resolve("metadata"));
        this.nats = startNats();
        this.s3 = startS3();
        this.toxics = Toxics.before(s3Port, folder.resolve("toxiproxy.log"));
        Files.writeString(folder.resolve("root.pub"), root.verifyingKey().toString());
        Path key = folder.resolve("signing.key");
        Files.writeString(key, signing.secretText());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    /** NATS, S3 and one API replica that has put the trust policy there. */
    static Fleet start(Path folder, Path packs) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Fleet fleet = new Fleet(folder, packs);
        try {
            FleetNode api = fleet.api();
            assertThat(api.rest()
                            .send("PUT", "/v1/trust", fleet.policy(1, Set.of(fleet.signing)))
                            .statusCode())
                    .isEqualTo(200);
            return fleet;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            fleet.close();
            throw e;
        }
    }

    /** One API replica more. */
    FleetNode api(String... options) throws IOException, InterruptedException {
        return node("api", options);
    }

    /** One worker more; it has begun to serve its lanes when this returns. */
    FleetNode worker(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "-Dprecast.packs.folder=" + packs,
                "-Dprecast.trust.signing-key=" + folder.resolve("signing.key"),
                "-Dprecast.slots=1"));
        all.addAll(List.of(options));
        return node("worker", all.toArray(String[]::new));
    }

    private FleetNode node(String role, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "-Dprecast.role=" + role,
                "-Dprecast.builder=" + BUILDER,
                "-Dprecast.trust.root=" + folder.resolve("root.pub"),
                "-Dprecast.s3.bucket=" + BUCKET,
                "-Dprecast.s3.region=us-east-1",
                "-Dprecast.s3.endpoint=http://127.0.0.1:" + toxics.port(),
                "-Dprecast.nats.servers=nats://127.0.0.1:" + natsPort,
                "-Dprecast.nats.user=" + role,
                "-Dprecast.nats.password=" + password(role),
                "-Dprecast.nats.timeout=10s",
                "-Daws.accessKeyId=tester",
                "-Daws.secretAccessKey=a-secret-of-tests"));
        all.addAll(List.of(options));
        FleetNode node = FleetNode.start(folder.resolve(role + "-" + made.incrementAndGet()), all);
        nodes.add(node);
        return node;
    }

    /** All nodes that were started, in that order. */
    List<FleetNode> nodes() {
        return nodes;
    }

    /** The public key of the root. */
    Path trustRoot() {
        return folder.resolve("root.pub");
    }

    /** The bucket, as its server keeps it. */
    Path objects(String prefix) {
        return folder.resolve("objects").resolve(BUCKET).resolve(prefix);
    }

    int natsPort() {
        return natsPort;
    }

    /** Asks the NATS service as a host does. */
    Message ask(String endpoint, JsonObject question) throws IOException, InterruptedException {
        try (Connection host = connect("host")) {
            byte[] body = question.canonical().getBytes(StandardCharsets.UTF_8);
            Message answer = host.request("precast.v1." + endpoint, body, Duration.ofMinutes(1));
            assertThat(answer).as("the answer of " + endpoint).isNotNull();
            return answer;
        }
    }

    /** A connection to NATS of one of its users. */
    Connection connect(String role) throws IOException, InterruptedException {
        return Nats.connect(Options.builder()
                .server("nats://127.0.0.1:" + natsPort)
                .userInfo(role, password(role))
                .inboxPrefix("_INBOX." + role)
                .build());
    }

    int s3Port() {
        return s3Port;
    }

    static String password(String role) {
        return "a-password-of-" + role;
    }

    /** A policy that trusts these keys, signed by the root. */
    byte[] policy(long version, Set<SigningKey> keys) {
        Instant now = Instant.now();
        return new TrustPolicy(
                        version,
                        now.minusSeconds(60),
                        now.plus(Duration.ofDays(30)),
                        Duration.ofDays(1),
                        keys.stream()
                                .map(key -> new TrustedKey(
                                        key.verifyingKey(),
                                        BUILDER,
                                        Set.of(),
                                        Set.of(),
                                        now.minusSeconds(60),
                                        now.plus(Duration.ofDays(60))))
                                .toList(),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(root)
                .toJson();
    }

    /** How many attestations the bucket holds. */
    long attestations() throws IOException {
        Path folder = objects("documents/attestations");
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    ServerProcess nats() {
        return nats;
    }

    /** What lies between the nodes and the S3 server. */
    Toxics toxics() {
        return toxics;
    }

    /** NATS goes away at once. */
    void killNats() {
        nats.kill();
    }

    void startNatsAgain() throws IOException, InterruptedException {
        nats = startNats();
    }

    /** NATS loses all that it has stored. */
    void wipeNats() throws IOException, InterruptedException {
        nats.kill();
        try (Stream<Path> all = Files.walk(folder.resolve("jetstream"))) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
        nats = startNats();
    }

    private ServerProcess startNats() throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>();
        environment.put("NATS_STORE", folder.resolve("jetstream").toString());
        ROLES.forEach(role -> environment.put("PRECAST_NATS_" + role.toUpperCase(Locale.ROOT), password(role)));
        return RealServer.start(
                List.of(
                        RealServer.find("nats-server"),
                        "--config",
                        RealServer.home().resolve("deploy/nats/precast.conf").toString(),
                        "--addr",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(natsPort)),
                environment,
                natsPort,
                folder.resolve("nats.log"));
    }

    private ServerProcess startS3() throws IOException, InterruptedException {
        return RealServer.start(
                List.of(
                        RealServer.find("versitygw"),
                        "--port",
                        "127.0.0.1:" + s3Port,
                        "--keep-alive",
                        "--quiet",
                        "posix",
                        "--sidecar",
                        folder.resolve("metadata").toString(),
                        folder.resolve("objects").toString()),
                Map.of("ROOT_ACCESS_KEY", "tester", "ROOT_SECRET_KEY", "a-secret-of-tests"),
                s3Port,
                folder.resolve("s3.log"));
    }

    @Override
    public void close() {
        nodes.forEach(FleetNode::kill);
        nats.close();
        toxics.close();
        s3.close();
    }
}
