package dev.precast.api.edge;

import dev.precast.api.json.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Passes requests and answers on between hosts and the upstream, without a copy in memory or on disk. Uses the client of
 * Vert.x, since the JDK's client reads an answer only after it has sent the whole body.
 *
 * <p>Thread safe.
 */
public final class Forwarder {
    private static final int CONNECT_MILLIS = 3000;
    private static final int MOST_CONNECTIONS = 1024;
    /** Longer than the longest wait that a host can ask for. */
    private static final int IDLE_SECONDS = 330;

    private static final Set<String> OF_REQUEST = Set.of(
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "if-match",
            "if-none-match",
            "if-range",
            "prefer",
            "range",
            "traceparent",
            "tracestate",
            "user-agent");

    /** Headers about one connection, and those that this server sets itself. */
    private static final Set<String> NOT_OF_ANSWER = Set.of(
            "connection",
            "date",
            "keep-alive",
            "proxy-authenticate",
            "server",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    private final Upstream upstream;
    private final HttpClient client;

    public Forwarder(Upstream upstream, Vertx vertx) {
        this.upstream = upstream;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setMaxPoolSize(MOST_CONNECTIONS)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS));
    }

    /** Whether requests have the edge's own token. */
    public boolean hasOwnToken() {
        return upstream.hasOwnToken();
    }

    /**
     * Forwards a request, whose path must be one that the upstream knows.
     *
     * @param address path and query of the request
     * @param refuse answers with a problem
     */
    public void forward(RoutingContext context, URI address, Consumer<Problem> refuse) {
        HttpServerRequest request = context.request();
        request.pause();
        RequestOptions options = new RequestOptions()
                .setMethod(request.method())
                .setAbsoluteURI(upstream.service() + address.toString());
        request.headers().forEach(header -> {
            if (OF_REQUEST.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                options.addHeader(header.getKey(), header.getValue());
            }
        });
        Consumer<Throwable> failed = e -> {
            request.resume();
            refuse.accept(upstream.failed(String.valueOf(e.getMessage())).problem());
        };
        try {
            upstream.requireAnswering();
            upstream.authorization(new Asker(Optional.ofNullable(request.getHeader("Authorization"))))
                    .ifPresent(value -> options.addHeader("Authorization", value));
        } catch (UpstreamException e) {
            request.resume();
            refuse.accept(e.problem());
            return;
        }
        client.request(options).onFailure(failed::accept).onSuccess(out -> send(context, out, failed));
    }

    private void send(RoutingContext context, HttpClientRequest out, Consumer<Throwable> failed) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = context.response();
        context.addEndHandler(ended -> {
            if (ended.failed()) {
                out.reset(); // The host has closed the connection.
            }
        });
        boolean hasBody = request.getHeader("Content-Length") != null || request.getHeader("Transfer-Encoding") != null;
        if (!hasBody) {
            request.resume();
        }
        (hasBody ? out.send(request) : out.send())
                .onSuccess(answer -> pass(answer, request, response, failed))
                .onFailure(e -> {
                    if (!response.ended() && !response.closed()) {
                        failed.accept(e);
                    }
                });
    }

    private void pass(
            HttpClientResponse answer,
            HttpServerRequest request,
            HttpServerResponse response,
            Consumer<Throwable> failed) {
        if (response.ended() || response.closed()) {
            return;
        }
        if (upstream.isOwnRefusal(answer.statusCode())) {
            answer.resume();
            failed.accept(upstream.refusesToken());
            return;
        }
        upstream.answered();
        response.setStatusCode(answer.statusCode());
        answer.headers().forEach(header -> {
            if (!NOT_OF_ANSWER.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                response.headers().add(header.getKey(), header.getValue());
            }
        });
        boolean hasBody =
                !request.method().equals(HttpMethod.HEAD) && answer.statusCode() != 204 && answer.statusCode() != 304;
        if (hasBody && answer.getHeader("Content-Length") == null) {
            response.setChunked(true);
        }
        if (!request.isEnded()) {
            response.putHeader("Connection", "close"); // The upstream does not want the rest of the body.
        }
        // An answer that breaks off must break off for the host too.
        answer.pipeTo(response).onFailure(e -> request.connection().close());
    }
}
