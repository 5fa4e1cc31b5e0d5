package dev.precast.testkit.fleet;

import dev.precast.attestation.Appointment;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.launcher.Installation;
import dev.precast.launcher.PrecastServer;
import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.NatsServer;
import dev.precast.testkit.server.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A fleet on loopback: NATS with the permissions of {@code deploy/nats}, an S3 server, and nodes, all in separate
 * processes. The policy trusts one key, which all workers share; API replicas share an online key, which signs that the
 * policy is current; no node has the root's key. Closing kills all processes.
 *
 * <p>Not thread safe.
 */
public final class Fleet implements AutoCloseable {
    /** The builder id that the policy trusts. */
    public static final String BUILDER = "urn:precast:builder:test";

    /** Options for a fast start of a node's JVM on a small machine; for tests, not for measurements. */
    public static final List<String> SMALL = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private final Path folder;
    private final Path packs;
    private final List<String> options;
    private final SigningKey root = SigningKey.generate();
    private final SigningKey signing = SigningKey.generate();
    private final SigningKey online = SigningKey.generate();
    private final List<FleetNode> nodes = new ArrayList<>();
    private final NatsServer nats;
    private final S3Server s3;
    private int s3Port;

    private Fleet(Path folder, Path packs, List<String> options) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        this.packs = packs;
        this.options = options;
        writeSecret(signingKeyFile(), signing);
        writeSecret(onlineKeyFile(), online);
        this.nats = NatsServer.withRoles(folder);
        try {
            this.s3 = S3Server.start(folder);
        } catch (IOException | InterruptedException | RuntimeException e) {
            nats.close();
            throw e;
        }
        this.s3Port = s3.port();
    }

    /**
     * Starts NATS, S3 and one API replica, and publishes the trust policy.
     *
     * @param folder folder for the files of all processes; created if missing
     * @param packs the folder of engine packs that workers use
     * @param options JVM options of every node, such as {@link #SMALL}
     */
    public static Fleet start(Path folder, Path packs, List<String> options) throws IOException, InterruptedException {
        Fleet fleet = new Fleet(folder, packs, options);
        try {
            Files.writeString(fleet.trustRoot(), fleet.root.verifyingKey().toString());
            RestCalls rest = fleet.api().rest();
            rest.put(
                    "/v1/trust/current",
                    200,
                    fleet.appointment().sign(fleet.root).toJson());
            rest.put("/v1/trust", 200, policy(fleet.signing).sign(fleet.root).toJson());
            return fleet;
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            fleet.close();
            throw e;
        }
    }

    /** Starts another API replica. {@code more} are additional JVM options. */
    public FleetNode api(String... more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-Dprecast.trust.online-key=" + onlineKeyFile()));
        all.addAll(List.of(more));
        return node("api", all);
    }

    /**
     * Starts another worker and waits until it serves its lanes. The worker has one slot unless {@code more}, which are
     * additional JVM options, sets another number.
     */
    public FleetNode worker(String... more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "-Dprecast.packs.folder=" + packs,
                "-Dprecast.trust.signing-key=" + signingKeyFile(),
                "-Dprecast.slots=1"));
        all.addAll(List.of(more));
        return node("worker", all);
    }

    private FleetNode node(String role, List<String> more) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of(
                "-Dprecast.role=" + role,
                "-Dprecast.builder=" + BUILDER,
                "-Dprecast.trust.root=" + trustRoot(),
                "-Dprecast.s3.bucket=" + S3Server.BUCKET,
                "-Dprecast.s3.region=" + S3Server.REGION,
                "-Dprecast.s3.endpoint=http://127.0.0.1:" + s3Port,
                "-Dprecast.nats.servers=nats://127.0.0.1:" + nats.port(),
                "-Dprecast.nats.user=" + role,
                "-Dprecast.nats.password=" + NatsServer.password(role),
                "-Dprecast.nats.timeout=10s",
                "-Daws.accessKeyId=" + S3Server.ACCESS_KEY,
                "-Daws.secretAccessKey=" + S3Server.SECRET_KEY));
        all.addAll(more);
        String name = role + "-" + (nodes.size() + 1);
        all.add("-Dsdk.ua.appId=" + name); // In the S3 server's access log.
        Path data = folder.resolve(name);
        FleetNode node = new FleetNode(PrecastServer.start(Installation.current(), data, all, line -> {}), data);
        nodes.add(node);
        return node;
    }

    /** Sets the port at which nodes that start later reach S3, such as the port of a proxy. */
    public void reachS3At(int port) {
        s3Port = port;
    }

    /** All nodes in the order of their start; the first is an API replica. */
    public List<FleetNode> nodes() {
        return List.copyOf(nodes);
    }

    public NatsServer nats() {
        return nats;
    }

    public S3Server s3() {
        return s3;
    }

    /** All server processes: NATS, S3 and the nodes. */
    public Stream<ServerProcess> processes() {
        return Stream.concat(
                Stream.of(nats.process(), s3.process()), nodes.stream().map(FleetNode::server));
    }

    /** The public key of the root. */
    public Path trustRoot() {
        return folder.resolve("root.pub");
    }

    /** The root's secret key. */
    public SigningKey rootKey() {
        return root;
    }

    /** The key with which workers sign. */
    public SigningKey signingKey() {
        return signing;
    }

    private Path signingKeyFile() {
        return folder.resolve("signing.key");
    }

    private Path onlineKeyFile() {
        return folder.resolve("online.key");
    }

    private static void writeSecret(Path file, SigningKey key) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, key.secretText());
    }

    private Appointment appointment() {
        Instant from = Instant.now().minusSeconds(60);
        return new Appointment(1, online.verifyingKey(), from, from.plus(Duration.ofDays(30)));
    }

    /** A policy that expires after thirty days and trusts one key: {@code signing}, for {@link #BUILDER}. */
    public static TrustPolicy policy(SigningKey signing) {
        Instant from = Instant.now().minusSeconds(60);
        Instant until = from.plus(Duration.ofDays(30));
        TrustedKey key = new TrustedKey(signing.verifyingKey(), BUILDER, Set.of(), Set.of(), from, until);
        return new TrustPolicy(1, from, until, Duration.ofHours(1), List.of(key), List.of(), Set.of(), Set.of());
    }

    /** The number of attestations in the bucket. */
    public long attestations() throws IOException {
        return documents("attestations");
    }

    /** The number of documents in the bucket whose names begin with {@code folder} and a slash. */
    public long documents(String folder) throws IOException {
        Path documents = s3.objects().resolve("documents").resolve(folder);
        if (!Files.exists(documents)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(documents)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Override
    public void close() {
        nodes.forEach(FleetNode::kill);
        processes().forEach(ServerProcess::close);
    }
}
