package dev.precast.s3;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bucket, and how patient to be with it. Made by {@link #of} with every default, then changed by its {@code with}
 * methods. Credentials are none of its parts: they come from the SDK's default chain (environment, system properties,
 * profile, web identity, container, instance).
 *
 * @param bucket its name; the bucket must be there
 * @param prefix what the names of all objects begin with: nothing, or segments that end with a slash
 * @param endpoint of a store that is not Amazon's, {@code http} or {@code https} without a path; null is Amazon's
 * @param region null takes it from the default chain (environment, system properties, profile, instance)
 * @param pathStyle whether the bucket is named in the path, not in the host name
 * @param attemptTimeout how long one attempt may take, more than nothing, not counting its body
 * @param callTimeout how long a call may take with all its attempts, no less than an attempt, not counting its body
 * @param connections how many there may be at a time, 1 to 10,000
 * @param spool a folder, made if it is not there, for what is on its way to the bucket; each file there loses its name
 *     as soon as it is open
 */
public record S3Config(
        String bucket,
        String prefix,
        @Nullable URI endpoint,
        @Nullable String region,
        boolean pathStyle,
        Duration attemptTimeout,
        Duration callTimeout,
        int connections,
        Path spool) {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9!_.*'()-]{1,100}/){0,5}");

    /** @throws IllegalArgumentException if a part is out of its range, which the message names */
    public S3Config {
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "S3 bucket: expected 3 to 63 lower-case letters, digits, dots and hyphens, found \"" + bucket
                            + "\"");
        }
        if (!PREFIX.matcher(prefix).matches() || prefix.contains("./")) {
            throw new IllegalArgumentException(
                    "S3 prefix: expected nothing, or segments that end with a slash, found \"" + prefix + "\"");
        }
        if (endpoint != null && !isServer(endpoint)) {
            throw new IllegalArgumentException("S3 endpoint: expected http or https, a host and no path, found "
                    + (endpoint.getUserInfo() == null ? "\"" + endpoint + "\"" : "a user's name"));
        }
        if (region != null && region.isBlank()) {
            throw new IllegalArgumentException("S3 region: expected a name, found nothing");
        }
        if (!attemptTimeout.isPositive()) {
            throw new IllegalArgumentException(
                    "S3 attempt timeout: expected more than nothing, found " + attemptTimeout);
        }
        if (callTimeout.compareTo(attemptTimeout) < 0) {
            throw new IllegalArgumentException("S3 call timeout: expected no less than an attempt's, " + attemptTimeout
                    + ", found " + callTimeout);
        }
        if (connections < 1 || connections > 10_000) {
            throw new IllegalArgumentException("S3 connections: expected 1 to 10000, found " + connections);
        }
        spool = spool.toAbsolutePath().normalize();
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

    /** Amazon's S3, region of the default chain, no prefix, 10 s an attempt, 30 s a call, 128 connections. */
    public static S3Config of(String bucket, Path spool) {
        return new S3Config(bucket, "", null, null, false, Duration.ofSeconds(10), Duration.ofSeconds(30), 128, spool);
    }

    public S3Config withPrefix(String changed) {
        return new S3Config(
                bucket, changed, endpoint, region, pathStyle, attemptTimeout, callTimeout, connections, spool);
    }

    /** Another store than Amazon's; most of them want the path style. */
    public S3Config withEndpoint(URI changed, boolean pathStyle) {
        return new S3Config(
                bucket, prefix, changed, region, pathStyle, attemptTimeout, callTimeout, connections, spool);
    }

    public S3Config withRegion(String changed) {
        return new S3Config(
                bucket, prefix, endpoint, changed, pathStyle, attemptTimeout, callTimeout, connections, spool);
    }

    public S3Config withTimeouts(Duration attempt, Duration call) {
        return new S3Config(bucket, prefix, endpoint, region, pathStyle, attempt, call, connections, spool);
    }

    public S3Config withConnections(int changed) {
        return new S3Config(bucket, prefix, endpoint, region, pathStyle, attemptTimeout, callTimeout, changed, spool);
    }
}
