package dev.precast.test;

import dev.precast.artifact.ArtifactKey;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import dev.precast.launcher.Installation;
import dev.precast.launcher.ServerProcess;
import dev.precast.protocol.KeyState;
import dev.precast.testkit.fleet.RestCalls;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server with the packs that were built, as a separate process on a free loopback port. Closing asks the
 * process to end, and kills it if it does not end in time.
 */
final class LocalService implements AutoCloseable {
    /** The checkout. */
    static final Path HOME = Installation.current().home();

    static final String JAVA = Installation.java();

    /**
     * The command line's program; arguments follow. The first process that ends writes its loaded classes to the
     * archive, with which later ones start with less CPU time.
     */
    static final List<String> COMMAND_LINE = List.of(
            JAVA,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "-XX:+AutoCreateSharedArchive",
            "-XX:SharedArchiveFile=" + HOME.resolve("cli/target/tests.jsa"),
            "-jar",
            HOME.resolve("cli/target/precast.jar").toString());

    private static @Nullable LocalService shared;

    private final ServerProcess server;
    private final Path data;
    private final RestCalls rest;

    private LocalService(ServerProcess server, Path data) {
        this.server = server;
        this.data = data;
        this.rest = new RestCalls(server.address(), data);
    }

    /** One for all tests of this JVM that change nothing but what is stored; it ends with the JVM. */
    static synchronized LocalService shared() throws IOException, InterruptedException {
        if (shared == null) {
            Path folder = Files.createTempDirectory("precast-it");
            LocalService started = start(folder.resolve("data"), bundledPacks());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                started.close();
                delete(folder);
            }));
            shared = started;
        }
        return shared;
    }

    /** The packs that this build has put together. */
    static Path bundledPacks() {
        return Installation.current().packs();
    }

    /**
     * Starts one and waits until it is ready.
     *
     * @param packs the folder of engine packs
     * @param options such as {@code -Dprecast.slots=2}
     */
    static LocalService start(Path data, Path packs, String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-Dprecast.packs.folder=" + packs));
        all.addAll(Arrays.asList(options));
        return new LocalService(RealServer.precast(data, all.toArray(String[]::new)), data);
    }

    URI address() {
        return server.address();
    }

    /** The data folder. */
    Path data() {
        return data;
    }

    Path trustRoot() {
        return data.resolve("trust/root.pub");
    }

    /** The root that signs this server's policies; only for the test that started the server. */
    SigningKey rootKey() throws IOException {
        return SigningKey.parse(Files.readString(data.resolve("trust/root.key")));
    }

    /** The key that signs this server's artifacts. */
    SigningKey signingKey() throws IOException {
        return SigningKey.parse(Files.readString(data.resolve("keys/signing.key")));
    }

    /** A client that may do everything. */
    ServiceClient source() {
        return ServiceClient.builder(address()).localToken(data).build();
    }

    /** The environment in which hosts and commands in other processes use this service. */
    Map<String, String> environment() {
        return Map.of(
                "PRECAST_URL", address().toString(),
                "PRECAST_DATA", data.toString(),
                "PRECAST_TRUST_ROOT", trustRoot().toString());
    }

    /** The policy in force, opened with the root. */
    TrustPolicy policy() throws IOException, RefusedException {
        byte[] signed = source().trust().orElseThrow();
        return TrustRoot.parse(Files.readString(trustRoot())).open(signed, 0);
    }

    /** Decides by the policy in force now. */
    AttestationVerifier verifier() throws IOException, RefusedException {
        TrustPolicy now = policy();
        return new AttestationVerifier(() -> now, InstantSource.system());
    }

    /** The same service without the host client. */
    RestCalls rest() {
        return rest;
    }

    /** The state of a key; requests no compilation. */
    KeyState find(ArtifactKey key) throws IOException {
        return source().find(List.of(key.module()), List.of(key.lane()))
                .getFirst()
                .state();
    }

    /** Kills the server. */
    void kill() {
        server.kill();
    }

    @Override
    public void close() {
        server.close();
    }

    private static void delete(Path folder) {
        try {
            RealServer.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
