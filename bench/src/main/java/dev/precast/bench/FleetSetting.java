package dev.precast.bench;

import dev.precast.attestation.Attestation;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.cache.store.DocumentNames;
import dev.precast.s3.S3Config;
import dev.precast.s3.S3Stores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A fleet on loopback: NATS with the permissions that ship, an S3 server, and nodes, each a process of its own. A trust
 * root made for the run has signed a policy with one key, which all workers share.
 */
final class FleetSetting implements AutoCloseable {
    static final String BUILDER = "urn:precast:builder:bench";
    private static final String BUCKET = "precast";
    private static final String POLICY = "trust/policy";
    private static final String USER = "bench";
    private static final String SECRET = "a-secret-of-benchmarks";
    private static final List<String> ROLES = List.of("admin", "api", "worker", "host");

    private final Path home;
    private final Path folder;
    private final LoopbackServer nats;
    private final LoopbackServer s3;
    private final List<ServiceProcess> nodes = new ArrayList<>();
    private final SigningKey signing = SigningKey.generate();
    private final S3Stores stores;

    private FleetSetting(Path home, Path folder) throws IOException, InterruptedException {
        this.home = home;
        this.folder = folder;
        Files.createDirectories(folder.resolve("objects").resolve(BUCKET));
        Files.createDirectories(folder.resolve("metadata"));
        nats = startNats();
        try {
            s3 = startS3();
        } catch (IOException | RuntimeException | InterruptedException e) {
            nats.close();
            throw e;
        }
        try {
            // The SDK's default chain is how credentials reach the stores.
            System.setProperty("aws.accessKeyId", USER);
            System.setProperty("aws.secretAccessKey", SECRET);
            stores = S3Stores.open(
                    new S3Config(
                            BUCKET,
                            "",
                            new S3Config.Server(URI.create("http://127.0.0.1:" + s3.port()), "us-east-1", true),
                            S3Config.Calls.DEFAULT,
                            folder.resolve("spool")),
                    InstantSource.system());
            trust();
        } catch (IOException | RuntimeException e) {
            s3.close();
            nats.close();
            throw e;
        }
    }

    /**
     * NATS, S3 and the trust policy, no node yet.
     *
     * @param home the folder that holds server and engine packs, as built
     * @param folder where all of it keeps its files
     */
    static FleetSetting start(Path home, Path folder) throws IOException, InterruptedException {
        return new FleetSetting(home, folder);
    }

    private void trust() throws IOException {
        SigningKey root = SigningKey.generate();
        Files.writeString(trustRoot(), root.verifyingKey().toString());
        Files.createFile(
                signingKey(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(signingKey(), signing.secretText());
        Instant begin = Instant.now().minusSeconds(60);
        Instant end = begin.plus(Duration.ofDays(1));
        TrustedKey key = new TrustedKey(signing.verifyingKey(), BUILDER, Set.of(), Set.of(), begin, end);
        TrustPolicy trusted =
                new TrustPolicy(1, begin, end, Duration.ofHours(1), List.of(key), List.of(), Set.of(), Set.of());
        if (stores.documents().put(POLICY, trusted.sign(root).toJson(), null).isEmpty()) {
            throw new IOException("the new bucket holds a trust policy already");
        }
    }

    /** One API replica more, ready. */
    ServiceProcess api() throws IOException, InterruptedException {
        return node("api", List.of());
    }

    /** One worker more, ready, which compiles one module at a time. */
    ServiceProcess worker() throws IOException, InterruptedException {
        return node("worker", List.of("-Dprecast.slots=1", "-Dprecast.trust.signing-key=" + signingKey()));
    }

    private ServiceProcess node(String role, List<String> more) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(
                "-Dprecast.role=" + role,
                "-Dprecast.builder=" + BUILDER,
                "-Dprecast.trust.root=" + trustRoot(),
                "-Dprecast.s3.bucket=" + BUCKET,
                "-Dprecast.s3.region=us-east-1",
                "-Dprecast.s3.endpoint=http://127.0.0.1:" + s3.port(),
                "-Dprecast.nats.servers=nats://127.0.0.1:" + nats.port(),
                "-Dprecast.nats.user=" + role,
                "-Dprecast.nats.password=" + password(role),
                "-Daws.accessKeyId=" + USER,
                "-Daws.secretAccessKey=" + SECRET));
        options.addAll(more);
        ServiceProcess node = ServiceProcess.start(home, folder.resolve(role + "-" + nodes.size()), options);
        nodes.add(node);
        return node;
    }

    /** The bucket, as the nodes see it. */
    S3Stores stores() {
        return stores;
    }

    /** Signs and puts an attestation where none is, and looks at nothing else; thread safe. */
    void put(Attestation attestation) throws IOException {
        String name = DocumentNames.attestation(attestation.key());
        if (stores.documents()
                .put(name, attestation.sign(signing).toJson(), null)
                .isEmpty()) {
            throw new IOException(name + " is there before it was put");
        }
    }

    Path trustRoot() {
        return folder.resolve("root.pub");
    }

    private Path signingKey() {
        return folder.resolve("signing.key");
    }

    /** CPU seconds of NATS, S3, the nodes and the children of those that have ended, since each was started. */
    double cpuSeconds() throws IOException {
        double sum = Resources.cpuSeconds(nats.pid()) + Resources.cpuSeconds(s3.pid());
        for (ServiceProcess node : nodes) {
            sum += Resources.cpuSeconds(node.pid());
        }
        return sum;
    }

    private LoopbackServer startNats() throws IOException, InterruptedException {
        Map<String, String> environment = new TreeMap<>();
        environment.put("NATS_STORE", folder.resolve("jetstream").toString());
        ROLES.forEach(role -> environment.put("PRECAST_NATS_" + role.toUpperCase(Locale.ROOT), password(role)));
        return LoopbackServer.start(
                home,
                "nats-server",
                port -> List.of(
                        "--config",
                        home.resolve("deploy/nats/precast.conf").toString(),
                        "--addr",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port)),
                environment,
                folder.resolve("nats.log"));
    }

    private LoopbackServer startS3() throws IOException, InterruptedException {
        return LoopbackServer.start(
                home,
                "versitygw",
                port -> List.of(
                        "--port",
                        "127.0.0.1:" + port,
                        "--keep-alive",
                        "--quiet",
                        "posix",
                        "--sidecar",
                        folder.resolve("metadata").toString(),
                        folder.resolve("objects").toString()),
                Map.of("ROOT_ACCESS_KEY", USER, "ROOT_SECRET_KEY", SECRET),
                folder.resolve("s3.log"));
    }

    private static String password(String role) {
        return "a-password-of-" + role;
    }

    @Override
    public void close() throws InterruptedException {
        for (ServiceProcess node : nodes) {
            node.close();
        }
        stores.close();
        s3.close();
        nats.close();
    }
}
