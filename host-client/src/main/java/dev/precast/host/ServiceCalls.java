package dev.precast.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one service: with deadlines, size caps, a token for the service alone, and redirects by hand. After a failure
 * the service is left alone for a while. The client is made when it is first needed. Thread safe.
 */
final class ServiceCalls {
    private static final int MAX_REDIRECTS = 3;
    private static final int LEAST_BYTES_A_SECOND = 256 << 10;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final URI service;
    private final List<String> redirectOrigins;
    private final @Nullable Supplier<@Nullable String> token;
    private final Duration connectTime;
    private final Duration answerTime;
    private final Duration bodyTime;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpClient client;
    private Duration pause = Duration.ZERO;
    private long pausedUntil;

    ServiceCalls(
            URI service,
            List<URI> redirectOrigins,
            @Nullable Supplier<@Nullable String> token,
            Duration connectTime,
            Duration answerTime,
            Duration bodyTime) {
        this.service = service;
        this.redirectOrigins = new ArrayList<>();
        for (URI allowed : redirectOrigins) {
            this.redirectOrigins.add(origin(allowed));
        }
        this.token = token;
        this.connectTime = connectTime;
        this.answerTime = answerTime;
        this.bodyTime = bodyTime;
    }

    /** Scheme, host and port, the port written out. */
    static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IllegalArgumentException("expected http://host:port or https://host:port, found " + uri);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + host.toLowerCase(Locale.ROOT) + ":" + port;
    }

    /** A request to the service, with its token. */
    HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service + path));
        String bearer = token == null ? null : token.get();
        if (bearer != null) {
            request.header("Authorization", "Bearer " + bearer);
        }
        return request;
    }

    /**
     * Sends a request.
     *
     * @param extra time for the answer beyond the usual: waiting that was asked for, or an upload
     * @param maxBytes size cap of the body
     */
    HttpResponse<InputStream> send(HttpRequest.Builder request, Duration extra, long maxBytes) throws IOException {
        requireNotPaused();
        Duration body = bodyTime.plusSeconds(maxBytes / LEAST_BYTES_A_SECOND);
        try {
            HttpResponse<InputStream> response = client().send(
                            request.timeout(answerTime.plus(extra)).build(),
                            info -> new BodyStream(maxBytes, System.nanoTime() + body.toNanos()));
            answered(response.statusCode());
            return response;
        } catch (IOException e) {
            failed();
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + service, e);
        }
    }

    /** Gets a body; redirects are followed to the configured origins, without the token. */
    HttpResponse<InputStream> get(String path, String acceptEncoding, long maxBytes) throws IOException {
        HttpRequest.Builder request = request(path);
        URI at = URI.create(service + path);
        for (int redirects = 0; ; redirects++) {
            HttpResponse<InputStream> response =
                    send(request.header("Accept-Encoding", acceptEncoding).GET(), Duration.ZERO, maxBytes);
            if (response.statusCode() / 100 != 3) {
                return response;
            }
            response.body().close();
            at = target(at, response, redirects);
            request = HttpRequest.newBuilder(at);
        }
    }

    private URI target(URI from, HttpResponse<?> response, int redirects) throws IOException {
        String location = response.headers().firstValue("Location").orElse("");
        try {
            URI target = from.resolve(location);
            if (redirects < MAX_REDIRECTS && !location.isEmpty() && redirectOrigins.contains(origin(target))) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(service + ": redirect to no address", e);
        }
        throw new IOException(service + ": redirect number " + (redirects + 1)
                + " to an address that is not among the allowed origins " + redirectOrigins);
    }

    private HttpClient client() {
        lock.lock();
        try {
            if (client == null) {
                client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(connectTime)
                        .build();
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    private void requireNotPaused() throws IOException {
        lock.lock();
        try {
            if (!pause.isZero() && System.nanoTime() - pausedUntil < 0) {
                throw new IOException(
                        service + " failed a moment ago and is left alone for " + pause.toSeconds() + " s");
            }
        } finally {
            lock.unlock();
        }
    }

    private void answered(int status) {
        if (status == 502 || status == 504) {
            failed();
            return;
        }
        lock.lock();
        try {
            pause = Duration.ZERO;
        } finally {
            lock.unlock();
        }
    }

    private void failed() {
        lock.lock();
        try {
            Duration doubled = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
            pausedUntil = System.nanoTime() + pause.toNanos();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return String.valueOf(service);
    }
}
