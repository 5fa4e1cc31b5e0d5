package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.Role;
import dev.precast.api.edge.Asker;
import dev.precast.api.edge.Forwarder;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides, on an edge, what happens with a request after {@link Access}: a resource with {@link OnEdge} answers it, or it
 * is forwarded, or refused. Forwards only what the API knows and operators do not need. Does nothing in other roles.
 */
@Singleton
final class EdgeGate {
    /** Before the paths of resources with {@link OnEdge}. */
    static final String PREFIX = "/edge";

    private static final String ON_EDGE = "precast.edge";

    private final Optional<Forwarder> forwarder;

    /** @param forwarder empty if this node is no edge */
    EdgeGate(Optional<Forwarder> forwarder) {
        this.forwarder = forwarder;
    }

    void register(@Observes Filters filters) {
        filters.register(this::enter, Access.FIRST - 1);
    }

    /** Whether a resource with {@link OnEdge} answers this request. */
    static boolean isOnEdge(RoutingContext context) {
        return context.get(ON_EDGE) != null;
    }

    /** The host that sent the request. */
    static Asker asker(RoutingContext context) {
        return new Asker(Optional.ofNullable(context.request().getHeader("Authorization")));
    }

    /** Path and query of the request, without dot segments; empty if they are no valid address. */
    static Optional<URI> address(RoutingContext context) {
        String query = context.request().query();
        try {
            return Optional.of(new URI(context.normalizedPath() + (query == null ? "" : "?" + query)));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private void enter(RoutingContext context) {
        String path = context.normalizedPath();
        if (forwarder.isEmpty() || path.startsWith("/q/")) {
            context.next();
            return;
        }
        if (address(context).isEmpty()) {
            Access.refuse(context, new Problem(ProblemCode.BAD_REQUEST, "path: expected that of a valid address"));
            return;
        }
        String method = context.request().method().name();
        if (role(Methods.roles(PREFIX + path), method) != null) {
            context.put(ON_EDGE, true);
            context.next();
            return;
        }
        SortedMap<String, Role> roles = Methods.roles(path);
        roles.values().removeIf(Role.ADMIN::equals);
        Problem problem = refusal(context, roles, method);
        if (problem != null) {
            Access.refuse(context, problem);
        } else {
            forwarder.get().forward(context, address(context).orElseThrow(), failed -> Access.refuse(context, failed));
        }
    }

    /** The role for a method; null if the path does not have it. A path with GET also has HEAD. */
    private static @Nullable Role role(SortedMap<String, Role> roles, String method) {
        Role role = roles.get(method);
        return role == null && method.equals("HEAD") ? roles.get("GET") : role;
    }

    /** Why a request is not forwarded; null if it is. */
    private @Nullable Problem refusal(RoutingContext context, SortedMap<String, Role> roles, String method) {
        if (roles.isEmpty()) {
            return new Problem(
                    ProblemCode.NOT_FOUND,
                    "this edge forwards only requests of hosts; send others to the service itself");
        }
        Role role = role(roles, method);
        if (role == null) {
            context.response().putHeader("Allow", String.join(", ", roles.keySet()));
            return new Problem(ProblemCode.METHOD_NOT_ALLOWED, ProblemCode.METHOD_NOT_ALLOWED.title());
        }
        Caller caller = Objects.requireNonNull(context.get(Access.CALLER));
        if (!caller.has(role)) {
            return Access.forbidden(caller, role);
        }
        return role != Role.READ && forwarder.orElseThrow().hasOwnToken()
                ? new Problem(
                        ProblemCode.FORBIDDEN,
                        "this edge has a token of its own, so it forwards only what the role read may; send the request "
                                + "to the service itself")
                : null;
    }
}
