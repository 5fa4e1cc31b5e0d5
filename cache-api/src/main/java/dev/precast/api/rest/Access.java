package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Role;
import dev.precast.api.connection.ClientRequest;
import dev.precast.api.connection.ConnectionGate;
import dev.precast.api.connection.Drain;
import dev.precast.api.json.Problem;
import dev.precast.protocol.Loopback;
import dev.precast.protocol.ProblemCode;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks access before all other work. Limits the requests in progress of a client address and of a token. On loopback it
 * first checks {@code Host} and {@code Origin}, so that pages of other sites cannot send requests through a browser; then
 * it checks the token. {@link Authorization} checks roles.
 */
@Singleton
final class Access {
    static final int FIRST = 1000;
    private static final long LINGER_MILLIS = 1000;
    static final String CALLER = "precast.caller";
    static final String REQUEST = "precast.request";

    private final AccessRules rules;
    private final ConnectionGate connections;
    private final Drain drain;

    Access(AccessRules rules, ConnectionGate connections, Drain drain) {
        this.rules = rules;
        this.connections = connections;
        this.drain = drain;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, FIRST);
    }

    private void enter(RoutingContext context) {
        HttpServerRequest request = context.request();
        ClientRequest counted = connections.begin(request);
        context.put(REQUEST, counted);
        context.addEndHandler(ended -> {
            counted.end();
            closeIfUnread(context);
        });
        if (drain.isLeaving()) {
            context.response().putHeader("Connection", "close");
        }
        Problem problem = counted.countAddress().orElse(null);
        if (problem == null && rules.loopback()) {
            problem = browser(request);
        }
        if (problem == null && !context.normalizedPath().startsWith("/q/")) {
            problem = outOfService();
        }
        if (problem == null) {
            problem = authenticate(context, counted);
        }
        if (problem == null) {
            context.next();
        } else {
            refuse(context, problem);
        }
    }

    /** Why this process serves only health and metrics; null if it serves the API. */
    private @Nullable Problem outOfService() {
        if (!rules.api()) {
            return new Problem(
                    ProblemCode.NOT_FOUND,
                    "this process is a worker, which serves only health and "
                            + "metrics; send requests to an API replica");
        }
        return drain.isRefusing()
                ? new Problem(ProblemCode.STOPPING, "this process stops; send the request again, to another replica")
                : null;
    }

    /**
     * Closes the connection of a client that keeps sending an unread body, after the client had time to read the
     * answer.
     */
    private static void closeIfUnread(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!request.isEnded() && "close".equals(context.response().headers().get("Connection"))) {
            context.vertx()
                    .setTimer(LINGER_MILLIS, timer -> request.connection().close());
        }
    }

    private static @Nullable Problem browser(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        String host = authority == null ? "" : authority.toString();
        if (authority == null || !Loopback.isHost(authority.host())) {
            return new Problem(
                    ProblemCode.HOST_REFUSED, "Host: expected a loopback name, found \"" + shown(host) + "\"");
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !origin.toLowerCase(Locale.ROOT).equals("http://" + host.toLowerCase(Locale.ROOT))) {
            return new Problem(
                    ProblemCode.ORIGIN_REFUSED,
                    "Origin: expected http://" + host + " or none, found \"" + shown(origin) + "\"");
        }
        return null;
    }

    private @Nullable Problem authenticate(RoutingContext context, ClientRequest counted) {
        String path = context.normalizedPath();
        if (path.equals("/q/health") || path.startsWith("/q/health/")) {
            return null;
        }
        String authorization = context.request().getHeader("Authorization");
        Caller caller = authorization == null
                ? rules.anonymous().orElse(null)
                : Optional.of(authorization)
                        .filter(header -> header.regionMatches(true, 0, "Bearer ", 0, 7))
                        .flatMap(header ->
                                rules.tokens().caller(header.substring(7).strip()))
                        .orElse(null);
        if (caller == null) {
            return new Problem(ProblemCode.UNAUTHENTICATED, "Authorization: expected \"Bearer\" and a valid token");
        }
        context.put(CALLER, caller);
        return path.startsWith("/q/") && !caller.has(Role.READ)
                ? forbidden(caller, Role.READ)
                : counted.countToken(caller).orElse(null);
    }

    static Problem forbidden(Caller caller, Role wanted) {
        if (!caller.hasToken()) {
            return new Problem(
                    ProblemCode.UNAUTHENTICATED,
                    "Authorization: missing (expected a token with the role " + wanted.label() + "); use the one in "
                            + "local.token in the service's data folder, which precast finds by --data or PRECAST_DATA");
        }
        return new Problem(ProblemCode.FORBIDDEN, "caller \"" + caller.name() + "\": missing role " + wanted.label());
    }

    /** Ends a request with a problem. The connection is closed, since the body was not read. */
    static void refuse(RoutingContext context, Problem problem) {
        if (problem.status() == 401) {
            context.response().putHeader("WWW-Authenticate", "Bearer");
        }
        problem.retrySeconds().ifPresent(seconds -> context.response().putHeader("Retry-After", seconds));
        context.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close")
                .end(problem.toJson().canonical());
    }

    private static String shown(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
