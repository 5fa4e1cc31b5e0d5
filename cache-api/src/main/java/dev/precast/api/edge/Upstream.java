package dev.precast.api.edge;

import dev.precast.api.json.Problem;
import dev.precast.cache.SeldomWarning;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The service behind an edge. Each request has a deadline and each answer a size limit; redirects are not followed. After
 * a failure all requests fail at once for a second, so that hosts do not wait for an upstream that is away.
 *
 * <p>Thread safe.
 */
public final class Upstream implements AutoCloseable {
    /** How long an answer of a few kilobytes may take. */
    static final Duration ANSWER_TIME = Duration.ofSeconds(10);

    /** How long a host waits for an answer that another host's request brings. */
    static final Duration PATIENCE = ANSWER_TIME.plusSeconds(2);

    private static final System.Logger LOG = System.getLogger("dev.precast.edge");
    private static final Duration CONNECT_TIME = Duration.ofSeconds(3);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LEAST_BYTES_A_SECOND = 256 << 10;
    private static final int MAX_DOCUMENT = 16 << 20;

    private final URI service;
    private final Optional<Supplier<String>> own;
    private final EdgeMetrics metrics;
    private final SeldomWarning warnings = new SeldomWarning(LOG);
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIME)
            .build();
    private volatile @Nullable Failure last;

    /**
     * @param at when it happened, a value of {@link System#nanoTime()}
     */
    private record Failure(long at, String why) {}

    /**
     * @param service address, such as {@code https://precast.example}
     * @param own the edge's own token, which replaces those of hosts; throws {@link UncheckedIOException} if it cannot be
     *     read; empty if each request has its host's token
     * @throws IllegalArgumentException if the address is not one of http or https
     */
    public Upstream(URI service, Optional<Supplier<String>> own, EdgeMetrics metrics) {
        String scheme = String.valueOf(service.getScheme());
        if (service.getHost() == null
                || !(scheme.equals("http") || scheme.equals("https"))
                || service.getRawUserInfo() != null
                || service.getRawQuery() != null
                || service.getRawFragment() != null) {
            throw new IllegalArgumentException("expected an address such as https://precast.example, found "
                    + service.toString().replaceFirst("//[^/@]*@", "//…@"));
        }
        String text = service.toString();
        this.service = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        this.own = own;
        this.metrics = metrics;
    }

    /** The address, without a slash at its end. */
    public URI service() {
        return service;
    }

    /** Whether requests have the edge's own token. */
    public boolean hasOwnToken() {
        return own.isPresent();
    }

    /** The header {@code Authorization} of a request for this host; empty for none. */
    Optional<String> authorization(Asker asker) throws UpstreamException {
        try {
            return own.isPresent() ? Optional.of("Bearer " + own.get().get()) : asker.authorization();
        } catch (UncheckedIOException e) {
            throw failed("the token of this edge cannot be read: " + e.getMessage());
        }
    }

    /** Why the upstream does not answer; empty if its last answer was in time. */
    public Optional<String> trouble() {
        return Optional.ofNullable(last).map(Failure::why);
    }

    /** An answer that is the upstream's own: 2xx, 3xx or 4xx. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Answer(int status, HttpHeaders headers, byte[] body) {
        /** Whether the status is 200. */
        public boolean isOk() {
            return status == 200;
        }

        /** The problem in an answer that is not the expected one. */
        public Problem problem() {
            Optional<Duration> retry = headers.firstValue("Retry-After").flatMap(Answer::seconds);
            try {
                JsonObject problem = Json.parse(body).asObject("problem");
                Optional<ProblemCode> code = ProblemCode.ofLabel(problem.string("code"));
                if (code.isPresent()) {
                    return new Problem(code.get(), problem.string("detail"), Map.of(), retry);
                }
            } catch (JsonException e) {
                // The answer is a proxy's, or of another server.
            }
            return new Problem(ProblemCode.UPSTREAM_UNAVAILABLE, "upstream: unexpected answer with status " + status);
        }

        private static Optional<Duration> seconds(String text) {
            return text.matches("[0-9]{1,6}")
                    ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                    : Optional.empty();
        }
    }

    /** Gets a document. */
    Answer get(Asker asker, String path) throws UpstreamException {
        return send(request(asker, path).GET(), ANSWER_TIME);
    }

    /**
     * Posts a JSON document.
     *
     * @param time how long the answer may take
     */
    Answer post(Asker asker, String path, JsonObject body, Map<String, String> headers, Duration time)
            throws UpstreamException {
        HttpRequest.Builder request = request(asker, path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.canonical()));
        headers.forEach(request::header);
        return send(request, time);
    }

    private HttpRequest.Builder request(Asker asker, String path) throws UpstreamException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service + path));
        authorization(asker).ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    private Answer send(HttpRequest.Builder request, Duration time) throws UpstreamException {
        requireAnswering();
        CompletableFuture<HttpResponse<byte[]>> sending =
                client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_DOCUMENT));
        HttpResponse<byte[]> response = await(sending, time);
        return own(new Answer(response.statusCode(), response.headers(), response.body()));
    }

    /**
     * Requests a payload, whose body the caller closes. Reading fails after {@link #ANSWER_TIME}, 30 s and 1 s for each
     * 256 KiB.
     *
     * @param method GET or HEAD
     * @param headers further headers of the request
     * @param maxBytes largest expected size, from which the time follows
     */
    public HttpResponse<InputStream> open(
            Asker asker, String method, String path, Map<String, String> headers, long maxBytes)
            throws UpstreamException {
        requireAnswering();
        HttpRequest.Builder request = request(asker, path).method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        HttpResponse<InputStream> response =
                await(client.sendAsync(request.build(), BodyHandlers.ofInputStream()), ANSWER_TIME);
        InputStream body = response.body();
        if (isTrouble(response.statusCode()) || isOwnRefusal(response.statusCode())) {
            try (body) {
                own(new Answer(response.statusCode(), response.headers(), body.readNBytes(1 << 16)));
            } catch (IOException e) {
                throw failed(reason(e));
            }
        }
        answered();
        // A stream that is closed wakes its reader up.
        CompletableFuture.delayedExecutor(30 + maxBytes / LEAST_BYTES_A_SECOND, TimeUnit.SECONDS)
                .execute(() -> close(body));
        return response;
    }

    private static void close(InputStream in) {
        try {
            in.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "upstream: cannot close an answer: {0}", e.getMessage());
        }
    }

    private <T> T await(CompletableFuture<T> sending, Duration time) throws UpstreamException {
        try {
            return sending.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            sending.cancel(true);
            throw failed("no answer within " + time.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw failed(e.getCause() instanceof IOException cause ? reason(cause) : String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            sending.cancel(true);
            Thread.currentThread().interrupt();
            throw new UpstreamException(unavailable("interrupted"));
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Whether a status means that the service cannot answer now, or that a proxy cannot reach it. */
    private static boolean isTrouble(int status) {
        return status >= 500 || status == 429;
    }

    /** Whether a status means that the edge's own token is refused, which is no fault of the host. */
    boolean isOwnRefusal(int status) {
        return own.isPresent() && (status == 401 || status == 403);
    }

    /** Returns an answer that is the upstream's own; throws its problem if it cannot answer now. */
    private Answer own(Answer answer) throws UpstreamException {
        if (isOwnRefusal(answer.status())) {
            throw refusesToken();
        }
        if (!isTrouble(answer.status())) {
            answered();
            return answer;
        }
        metrics.asked(EdgeMetrics.Upstream.FAILED);
        throw new UpstreamException(answer.problem());
    }

    /** @throws UpstreamException for a second after a failure */
    void requireAnswering() throws UpstreamException {
        Failure failure = last;
        if (failure != null && System.nanoTime() - failure.at < PAUSE_NANOS) {
            throw new UpstreamException(unavailable(failure.why));
        }
    }

    /** Records that the upstream answered. */
    void answered() {
        last = null;
        metrics.asked(EdgeMetrics.Upstream.ANSWERED);
    }

    /** Records that the upstream did not answer. */
    UpstreamException failed(String why) {
        last = new Failure(System.nanoTime(), why);
        metrics.asked(EdgeMetrics.Upstream.FAILED);
        warnings.log("upstream " + service + ": " + why);
        return new UpstreamException(unavailable(why));
    }

    UpstreamException refusesToken() {
        return failed("it refuses the token in precast.edge.token-file");
    }

    /** Records that the upstream sent bytes that do not match an attestation. */
    void wrong(String what) {
        metrics.asked(EdgeMetrics.Upstream.WRONG);
        warnings.log("upstream " + service + ": " + what);
    }

    static Problem unavailable(String why) {
        return new Problem(
                ProblemCode.UPSTREAM_UNAVAILABLE, "upstream: does not answer (" + why + "); retry the request later");
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
