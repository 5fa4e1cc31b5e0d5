package dev.precast.s3;

import dev.precast.testkit.server.RealServer;
import dev.precast.testkit.server.S3Server;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** A real S3 server for the tests of one class, each of which takes a prefix of its own. */
final class Gateway implements BeforeAllCallback, AfterAllCallback {
    static final StaticCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, S3Server.SECRET_KEY));

    private final AtomicInteger prefixes = new AtomicInteger();
    private Path folder = Path.of("");
    private @Nullable S3Server server;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (server == null) { // Nested classes inherit the extension.
            folder = Files.createTempDirectory("precast-s3");
            server = S3Server.start(folder);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (context.getRequiredTestClass().getEnclosingClass() == null) {
            server().close();
            RealServer.delete(folder);
        }
    }

    S3Server server() {
        return Objects.requireNonNull(server);
    }

    int port() {
        return server().port();
    }

    /** The bucket as a folder. */
    Path objects() {
        return server().objects();
    }

    /** A prefix that no test has used. */
    String prefix() {
        return "test-" + prefixes.incrementAndGet() + "/";
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
        S3Config.Server server =
                new S3Config.Server(URI.create("http://127.0.0.1:" + proxyPort), S3Server.REGION, true);
        return new S3Config(S3Server.BUCKET, prefix, server, limits, folder.resolve("spool"));
    }

    /** Writes an object as other software does: with the SDK's own client, without a checksum unless it is asked for. */
    void put(String key, byte[] bytes, Consumer<PutObjectRequest.Builder> options) {
        try (S3Client client = S3Client.builder()
                .endpointOverride(server().endpoint())
                .region(Region.of(S3Server.REGION))
                .credentialsProvider(CREDENTIALS)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .build()) {
            client.putObject(
                    r -> {
                        r.bucket(S3Server.BUCKET).key(key);
                        options.accept(r);
                    },
                    RequestBody.fromBytes(bytes));
        }
    }

    S3Stores open(S3Config config) {
        return S3Stores.open(config, CREDENTIALS, Duration.ofSeconds(3), InstantSource.system());
    }
}
