package dev.precast.s3;

import dev.precast.cache.store.ContentLinks;
import dev.precast.cache.store.StoreException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * The stores of one bucket: {@code modules/<sha256>}, {@code payloads/<sha256>}, {@code documents/<name>}. They share
 * connections, deadlines and one circuit breaker.
 *
 * <p>Thread safe.
 */
public final class S3Stores implements AutoCloseable {
    private static final String PAYLOADS = "payloads/";
    private static final Duration BREAKER_PAUSE = Duration.ofSeconds(5);

    private final S3Client client;
    private final StoreClock storeClock;
    private final S3Calls calls;
    private final S3ContentStore modules;
    private final S3ContentStore payloads;
    private final S3DocumentStore documents;
    private final S3Config config;
    private final AwsCredentialsProvider credentials;

    private S3Stores(
            S3Config config,
            S3Client client,
            AwsCredentialsProvider credentials,
            StoreClock storeClock,
            Duration pause,
            InstantSource clock) {
        this.config = config;
        this.client = client;
        this.credentials = credentials;
        this.storeClock = storeClock;
        this.calls = new S3Calls(config.calls(), pause);
        S3Objects objects = new S3Objects(client, calls, config.bucket());
        Conditions.Supported store = Conditions.require(objects, config.prefix() + "probes/");
        S3ContentStore.Place place = new S3ContentStore.Place(objects, config.spool(), store.checksums());
        this.modules = new S3ContentStore(place, config.prefix() + "modules/", clock);
        this.payloads = new S3ContentStore(place, config.prefix() + PAYLOADS, clock);
        this.documents = new S3DocumentStore(objects, config.prefix() + "documents/", store.conditionalDelete());
    }

    /**
     * Opens the stores. Tests with a temporary object which conditions and checksums the bucket implements.
     *
     * @param clock tells the age of objects
     * @throws StoreException if the bucket cannot be reached or written, or does not implement conditional puts,
     *     without which writers would overwrite each other
     */
    public static S3Stores open(S3Config config, InstantSource clock) {
        return open(config, DefaultCredentialsProvider.builder().build(), BREAKER_PAUSE, clock);
    }

    /** @param pause how long the breaker stays open before it allows a trial call */
    static S3Stores open(S3Config config, AwsCredentialsProvider credentials, Duration pause, InstantSource clock) {
        StoreClock storeClock = new StoreClock(clock);
        S3Client client = client(config, credentials, storeClock);
        try {
            return new S3Stores(config, client, credentials, storeClock, pause, clock);
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private static S3Client client(S3Config config, AwsCredentialsProvider credentials, StoreClock storeClock) {
        S3Config.Server server = config.server();
        S3Config.Calls limits = config.calls();
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .forcePathStyle(server.pathStyle())
                .httpClientBuilder(Apache5HttpClient.builder()
                        .maxConnections(limits.connections())
                        .connectionTimeout(limits.attemptTimeout())
                        .connectionAcquisitionTimeout(limits.attemptTimeout())
                        .socketTimeout(limits.attemptTimeout()))
                // Puts send a digest themselves, and readers check the signed digest: no other checksum is needed.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s -> s.chunkedEncodingEnabled(false))
                .overrideConfiguration(
                        o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()).addExecutionInterceptor(storeClock));
        if (server.endpoint() != null) {
            builder.endpointOverride(server.endpoint());
        }
        if (server.region() != null) {
            builder.region(Region.of(server.region()));
        }
        try {
            return builder.build();
        } catch (SdkException e) {
            throw Faults.of("S3 client", e);
        }
    }

    public S3ContentStore modules() {
        return modules;
    }

    public S3ContentStore payloads() {
        return payloads;
    }

    public S3DocumentStore documents() {
        return documents;
    }

    /**
     * Links to payloads, with the same credentials.
     *
     * @param origin origin of the links in place of the store's own, such as that of a content delivery network that
     *     forwards requests with the store's host name; null for the store's own
     * @throws IllegalArgumentException if the origin has more parts than scheme, host and port
     * @throws StoreException if the region is unknown
     */
    public ContentLinks payloadLinks(@Nullable URI origin) {
        URI checked = origin == null ? null : S3Links.checked(origin);
        S3Config.Server server = config.server();
        S3Presigner.Builder builder = S3Presigner.builder()
                .credentialsProvider(credentials)
                .serviceConfiguration(S3Configuration.builder()
                        .pathStyleAccessEnabled(server.pathStyle())
                        .build());
        if (server.endpoint() != null) {
            builder.endpointOverride(server.endpoint());
        }
        if (server.region() != null) {
            builder.region(Region.of(server.region()));
        }
        try {
            // Closing a presigner only closes its credentials, which end with the client.
            return new S3Links(builder.build(), config.bucket(), config.prefix() + PAYLOADS, checked);
        } catch (SdkException e) {
            throw Faults.of("S3 links", e);
        }
    }

    /**
     * Whether calls may succeed; false while the circuit breaker is open and its pause lasts. Workers then take no
     * requests.
     */
    public boolean available() {
        return calls.available();
    }

    /** How far this machine's clock is ahead of the store's, negative if it is behind; empty if unknown. */
    public Optional<Duration> clockAhead() {
        return storeClock.ahead();
    }

    @Override
    public void close() {
        client.close();
    }
}
