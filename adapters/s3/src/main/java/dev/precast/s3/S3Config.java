package dev.precast.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bucket and how to call its store. Does not contain credentials: they come from the SDK's default chain
 * (environment, system properties, profile, web identity, container, instance).
 *
 * @param bucket name of the bucket, which must exist
 * @param prefix prefix of all object names: empty, or segments that end with a slash
 * @param server where the bucket is
 * @param calls limits of calls to the store
 * @param spool folder for the temporary files of uploads, created if it does not exist; each file is unlinked as soon
 *     as it is open
 */
public record S3Config(String bucket, String prefix, Server server, Calls calls, Path spool) {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9!_.*'()-]{1,100}/){0,5}");

    /** @throws IllegalArgumentException if a part is out of range; the message names it */
    public S3Config {
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "S3 bucket: expected 3 to 63 lower-case letters, digits, dots and hyphens, found \"" + bucket
                            + "\"");
        }
        if (!PREFIX.matcher(prefix).matches() || prefix.contains("./")) {
            throw new IllegalArgumentException(
                    "S3 prefix: expected an empty text, or segments that end with a slash, found \"" + prefix + "\"");
        }
        spool = spool.toAbsolutePath().normalize();
    }

    /**
     * Where a bucket is.
     *
     * @param endpoint {@code http} or {@code https} URI of the store, without a path; null for Amazon S3
     * @param region null for the region of the default chain (environment, system properties, profile, instance)
     * @param pathStyle whether URLs have the bucket's name in the path instead of the host name; most stores except
     *     Amazon S3 need this
     */
    public record Server(@Nullable URI endpoint, @Nullable String region, boolean pathStyle) {
        /** Amazon S3, region of the default chain. */
        public static final Server AMAZON = new Server(null, null, false);

        /** @throws IllegalArgumentException if a part is out of range; the message names it */
        public Server {
            if (endpoint != null && !isServer(endpoint)) {
                throw new IllegalArgumentException("S3 endpoint: expected http or https, a host and no path, found "
                        + (endpoint.getUserInfo() == null ? "\"" + endpoint + "\"" : "one with a user name"));
            }
            if (region != null && region.isBlank()) {
                throw new IllegalArgumentException("S3 region: expected a name, found an empty text");
            }
        }

        private static boolean isServer(URI endpoint) {
            String scheme = endpoint.getScheme();
            String path = endpoint.getPath();
            return ("http".equals(scheme) || "https".equals(scheme))
                    && endpoint.getHost() != null
                    && endpoint.getUserInfo() == null
                    && endpoint.getQuery() == null
                    && endpoint.getFragment() == null
                    && (path == null || path.isEmpty() || path.equals("/"));
        }
    }

    /**
     * Limits of calls.
     *
     * @param attemptTimeout timeout of one attempt, above zero; time for the body is added
     * @param callTimeout timeout of a call with all its attempts, at least {@code attemptTimeout}; time for the body is
     *     added
     * @param connections maximum number of concurrent connections, 1 to 10,000
     */
    public record Calls(Duration attemptTimeout, Duration callTimeout, int connections) {
        /** 10 s per attempt, 30 s per call, 128 connections. */
        public static final Calls DEFAULT = new Calls(Duration.ofSeconds(10), Duration.ofSeconds(30), 128);

        /** @throws IllegalArgumentException if a part is out of range; the message names it */
        public Calls {
            if (!attemptTimeout.isPositive()) {
                throw new IllegalArgumentException(
                        "S3 attempt timeout: expected more than zero, found " + attemptTimeout);
            }
            if (callTimeout.compareTo(attemptTimeout) < 0) {
                throw new IllegalArgumentException("S3 call timeout: expected at least the attempt timeout "
                        + attemptTimeout + ", found " + callTimeout);
            }
            if (connections < 1 || connections > 10_000) {
                throw new IllegalArgumentException("S3 connections: expected 1 to 10000, found " + connections);
            }
        }
    }
}
