package dev.precast.api.rest;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.net.URI;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Leads requests to the resources with {@link OnEdge}. */
@Singleton
final class EdgePaths {
    @ServerRequestFilter(preMatching = true)
    void lead(ContainerRequestContext request, RoutingContext context) {
        if (EdgeGate.isOnEdge(context)) {
            request.setRequestUri(
                    URI.create(EdgeGate.PREFIX + EdgeGate.address(context).orElseThrow()));
        }
    }
}
