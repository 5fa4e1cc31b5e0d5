package dev.precast.host.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP exchanges with one service, with deadlines and size limits. Sends the token only to the service and follows no
 * redirect. Creates the HTTP client at the first exchange. Thread safe.
 */
final class ServiceCalls {
    private static final int LEAST_BYTES_A_SECOND = 256 << 10;
    /** The second pause gives a load balancer time to notice that a replica stops. */
    private static final List<Duration> AFTER_BREAKS = List.of(Duration.ZERO, Duration.ofMillis(250));

    private final URI service;
    private final Supplier<@Nullable String> token;
    private final Times times;
    private final BackOff backOff;
    /** Whether the last exchange found nothing at the address. */
    private volatile boolean unreachable;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable HttpClient client;

    /**
     * Time limits.
     *
     * @param connect limit for opening a connection
     * @param answer limit for a document, from the request to the last byte of the answer, in addition to a requested
     *     wait; for a payload, limit until it begins; also the longest pause of an upload
     * @param body longest pause of a payload; also the limit for the rest of a payload, in addition to 1 s per 256 KiB
     */
    record Times(Duration connect, Duration answer, Duration body) {}

    /**
     * Limits of one exchange, including its redirect.
     *
     * @param maxBytes size limit of a body
     * @param head deadline of the headers, a value of {@link System#nanoTime()}
     * @param whole deadline of the last byte, a value of {@link System#nanoTime()}
     */
    record Limits(long maxBytes, long head, long whole) {
        /** Builds a request that ends at the deadline of the headers. */
        HttpRequest bound(HttpRequest.Builder request) {
            return request.timeout(Duration.ofNanos(Math.max(1, head - System.nanoTime())))
                    .build();
        }
    }

    /**
     * @param backOff whether a call without a complete answer makes all calls fail at once for 1 s, doubling with each
     *     such failure up to 60 s
     */
    ServiceCalls(URI service, Supplier<@Nullable String> token, Times times, boolean backOff) {
        this.service = service;
        this.token = token;
        this.times = times;
        this.backOff = new BackOff(backOff);
    }

    /**
     * The origin {@code scheme://host:port} of an address; without a port, the scheme's default port.
     *
     * @throws IllegalArgumentException if the address has no host, or its scheme is neither http nor https
     */
    static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new IllegalArgumentException("address: expected http://host:port or https://host:port, found " + uri);
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + host.toLowerCase(Locale.ROOT) + ":" + port;
    }

    /**
     * A request to the service, with the token.
     *
     * @throws ServiceException.BadAnswer if the path leads to another origin, or out of the service's own path
     * @throws ServiceException.NoAnswer if the token cannot be read
     */
    HttpRequest.Builder request(String path) throws ServiceException {
        HttpRequest.Builder request = HttpRequest.newBuilder(resolve(path));
        try {
            String bearer = token.get();
            return bearer == null ? request : request.header("Authorization", "Bearer " + bearer);
        } catch (UncheckedIOException e) {
            throw noAnswer(reason(Objects.requireNonNull(e.getCause())), e);
        }
    }

    private URI resolve(String path) throws ServiceException.BadAnswer {
        try {
            URI target = URI.create(service + path);
            boolean below = path.startsWith("/")
                    && origin(target).equals(origin(service))
                    && target.getRawUserInfo() == null
                    && String.valueOf(target.normalize().getRawPath()).startsWith(service.getRawPath() + "/");
            if (below) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            throw outside(path, e);
        }
        throw outside(path, null);
    }

    private ServiceException.BadAnswer outside(String path, @Nullable Throwable cause) {
        return new ServiceException.BadAnswer(
                service + ": address refused (expected a path of the service, found " + path + ")", cause);
    }

    /**
     * Sends a request.
     *
     * @param extra additional time for the whole exchange, such as a requested wait
     * @param maxBytes size limit of the body
     */
    HttpResponse<InputStream> send(HttpRequest.Builder request, Duration extra, long maxBytes) throws ServiceException {
        long deadline = System.nanoTime() + times.answer.plus(extra).toNanos();
        return send(request, new Limits(maxBytes, deadline, deadline));
    }

    /**
     * Sends a request, up to twice more if the connection breaks before an answer: a replica that stops closes idle
     * connections, maybe at the moment of a request. The library does this for GET and HEAD only; see RFC 9110, section
     * 9.2.2. The answer may be a redirect, which is not followed.
     */
    HttpResponse<InputStream> send(HttpRequest.Builder request, Limits limits) throws ServiceException {
        return exchange(() -> {
            for (Duration pause : AFTER_BREAKS) {
                try {
                    return client().send(limits.bound(request), stream(limits));
                } catch (IOException e) {
                    if (!Retries.isBreak(e)) {
                        throw e;
                    }
                    Thread.sleep(pause.toMillis());
                }
            }
            return client().send(limits.bound(request), stream(limits));
        });
    }

    /**
     * Sends an upload. An answer in the middle of the upload ends the upload.
     *
     * @param request a request whose body is {@code upload}
     * @param extra additional time for the whole exchange
     * @param maxBytes size limit of the answer's body
     */
    ServiceClient.Answer upload(HttpRequest.Builder request, Upload upload, Duration extra, long maxBytes)
            throws ServiceException {
        long deadline = System.nanoTime() + times.answer.plus(extra).toNanos();
        Limits limits = new Limits(maxBytes, deadline, deadline);
        return exchange(() -> {
            HttpRequest whole = limits.bound(request);
            return UploadCall.isProxied(whole.uri()) ? proxied(whole, upload, limits) : direct(whole, upload, limits);
        });
    }

    private ServiceClient.Answer direct(HttpRequest request, Upload upload, Limits limits)
            throws IOException, InterruptedException {
        try (UploadCall call = new UploadCall(request, upload, times, limits.maxBytes)) {
            ServiceClient.Answer answer = call.send(limits.whole);
            backOff.ended(isOfService(answer.status()));
            return answer;
        }
    }

    /** The JDK's client supports proxies, but reads an answer only after it has sent the whole body. */
    private ServiceClient.Answer proxied(HttpRequest request, Upload upload, Limits limits)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> sending = client().sendAsync(request, stream(limits));
        try {
            return ServiceClient.Answer.of(upload.await(sending, times.answer, limits.whole));
        } finally {
            sending.cancel(true);
        }
    }

    private HttpResponse.BodyHandler<InputStream> stream(Limits limits) {
        return info -> new BodyStream(
                toString(),
                limits.maxBytes,
                times.body,
                limits.whole,
                ending -> backOff.ended(ending != BodyStream.Ending.LATE && isOfService(info.statusCode())));
    }

    /** Whether an answer is the service's own; 502 and 504 come from a proxy that cannot reach it. */
    private static boolean isOfService(int status) {
        return status != 502 && status != 504;
    }

    /** An exchange with the service. */
    private interface Exchange<T> {
        T run() throws IOException, InterruptedException;
    }

    private <T> T exchange(Exchange<T> exchange) throws ServiceException {
        Duration pause = backOff.pause();
        if (!pause.isZero()) {
            throw new ServiceException.NoAnswer(
                    service + ": unavailable; next attempt in " + pause.toSeconds() + " s",
                    null,
                    unreachable ? Optional.empty() : Optional.of(pause));
        }
        try {
            T result = exchange.run();
            unreachable = false;
            return result;
        } catch (ServiceException e) {
            throw e;
        } catch (IOException e) {
            unreachable = !Retries.passes(e);
            backOff.ended(false);
            throw noAnswer(reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer("interrupted", e);
        }
    }

    /**
     * The limits of the download of a payload, from now on.
     *
     * @param maxBytes size limit of the body
     */
    Limits limits(long maxBytes) {
        long head = System.nanoTime() + times.answer.toNanos();
        Duration body = times.body.plusSeconds(maxBytes / LEAST_BYTES_A_SECOND);
        return new Limits(maxBytes, head, head + body.toNanos());
    }

    private HttpClient client() {
        lock.lock();
        try {
            if (client == null) {
                client = clientBuilder(times).build();
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    /** Settings of an HTTP client that has no authenticator and no cookies, and follows no redirect. */
    static HttpClient.Builder clientBuilder(Times times) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(times.connect);
    }

    /** The exception for a service that did not answer. */
    ServiceException.NoAnswer noAnswer(String why, @Nullable Throwable cause) {
        return new ServiceException.NoAnswer(service + ": " + why, cause);
    }

    /** Why an exchange failed. */
    static String reason(IOException e) {
        if (e instanceof ConnectException) {
            return "cannot connect";
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    @Override
    public String toString() {
        return String.valueOf(service);
    }
}
