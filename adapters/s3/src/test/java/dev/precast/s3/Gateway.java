package dev.precast.s3;

import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A real S3 server that keeps its objects as files, with one bucket. */
final class Gateway implements AutoCloseable {
    static final String BUCKET = "precast";
    static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("tester", "a-secret-of-tests"));

    private final Path folder;
    private final ServerProcess server;

    private Gateway(Path folder, ServerProcess server) {
        this.folder = folder;
        this.server = server;
    }

    static Gateway start(Path folder) throws IOException, InterruptedException {
        return start(folder, RealServer.freePort());
    }

    static Gateway start(Path folder, int port) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("objects").resolve(BUCKET));
        Files.createDirectories(folder.resolve("metadata"));
        ServerProcess server = RealServer.start(
                List.of(
                        RealServer.find("versitygw"),
                        "--port",
                        "127.0.0.1:" + port,
                        "--keep-alive",
                        "--quiet",
                        "posix",
                        "--sidecar",
                        folder.resolve("metadata").toString(),
                        folder.resolve("objects").toString()),
                Map.of(
                        "ROOT_ACCESS_KEY", CREDENTIALS.resolveCredentials().accessKeyId(),
                        "ROOT_SECRET_KEY", CREDENTIALS.resolveCredentials().secretAccessKey()),
                port,
                folder.resolve("server.log"));
        return new Gateway(folder, server);
    }

    int port() {
        return server.port();
    }

    ServerProcess server() {
        return server;
    }

    /** The bucket as a folder. */
    Path objects() {
        return folder.resolve("objects").resolve(BUCKET);
    }

    /** The config for a prefix in the bucket. */
    S3Config config(String prefix) {
        return config(prefix, port());
    }

    /** The config for a prefix in the bucket, through a proxy. */
    S3Config config(String prefix, int proxyPort) {
        return config(prefix, proxyPort, S3Config.Calls.DEFAULT);
    }

    S3Config config(String prefix, int proxyPort, S3Config.Calls limits) {
        S3Config.Server server = new S3Config.Server(URI.create("http://127.0.0.1:" + proxyPort), "us-east-1", true);
        return new S3Config(BUCKET, prefix, server, limits, folder.resolve("spool"));
    }

    S3Stores open(S3Config config) {
        return S3Stores.open(config, CREDENTIALS, Duration.ofSeconds(3), InstantSource.system());
    }

    @Override
    public void close() {
        server.close();
    }
}
