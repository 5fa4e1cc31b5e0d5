package dev.precast.api.rest;

import dev.precast.api.auth.Caller;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the caller has the role that the resource method requires. Quarkus creates this filter at build time, so
 * the filter cannot use the configuration.
 */
@Singleton
final class Authorization {
    @ServerRequestFilter
    @Nullable
    Response authorize(ResourceInfo resource, RoutingContext context) {
        if (resource.getResourceClass().isAnnotationPresent(OnEdge.class) != EdgeGate.isOnEdge(context)) {
            return Problem.response(ProblemCode.NOT_FOUND, ProblemCode.NOT_FOUND.title());
        }
        Requires requires = resource.getResourceMethod().getAnnotation(Requires.class);
        if (requires == null || !(context.get(Access.CALLER) instanceof Caller caller)) {
            return Problem.response(ProblemCode.FORBIDDEN, "resource: declares no role, so every caller is refused");
        }
        return caller.has(requires.value())
                ? null
                : Access.forbidden(caller, requires.value()).response().build();
    }
}
