package dev.precast.server;

import dev.precast.cache.worker.Trouble;
import dev.precast.precompiler.PrecompilerConfig;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * The readiness checks. Each tells its state, {@code ok}, {@code degraded} or {@code down}, and the reason. Only
 * {@code down} makes the node not ready: it then serves less than another node would. What all nodes lack together is
 * {@code degraded} as long as this node can still answer lookups, since no other node could do better.
 */
@Singleton
final class ReadinessChecks {
    /** Creates a check that is down with a reason, or degraded with one. */
    static HealthCheck check(String name, Supplier<Optional<String>> down, Supplier<Optional<String>> degraded) {
        return () -> {
            Optional<String> worse = down.get();
            Optional<String> reason = worse.or(degraded);
            var response = HealthCheckResponse.named(name)
                    .withData("state", worse.isPresent() ? "down" : reason.isPresent() ? "degraded" : "ok");
            reason.ifPresent(why -> response.withData("reason", why));
            return response.status(worse.isEmpty()).build();
        };
    }

    private static Optional<String> never() {
        return Optional.empty();
    }

    /** Creates a check of what a node needs, except an edge: that has neither stores nor keys. */
    private static HealthCheck unlessEdge(
            String name, PrecastConfig config, Instance<NodeHealth> node, Function<NodeHealth, HealthCheck> check) {
        return config.role() == PrecastConfig.Role.EDGE
                ? check(name, ReadinessChecks::never, ReadinessChecks::never)
                : check.apply(node.get());
    }

    @Produces
    @Readiness
    @Singleton
    static HealthCheck policy(PrecastConfig config, Instance<NodeHealth> node) {
        return unlessEdge("trust policy", config, node, ReadinessChecks::policy);
    }

    /** A node in the grace of an expired policy still serves hosts that verified artifacts before. */
    static HealthCheck policy(NodeHealth node) {
        return check("trust policy", () -> node.policy(true), () -> node.policy(false));
    }

    @Produces
    @Readiness
    @Singleton
    static HealthCheck stores(PrecastConfig config, Instance<NodeHealth> node) {
        return unlessEdge("stores", config, node, ReadinessChecks::stores);
    }

    static HealthCheck stores(NodeHealth node) {
        return check("stores", node::stores, ReadinessChecks::never);
    }

    @Produces
    @Readiness
    @Singleton
    static HealthCheck queue(PrecastConfig config, Instance<NodeHealth> node) {
        return unlessEdge("queue", config, node, some -> queue(some, config));
    }

    /** Without the queue an API node still answers lookups, but a worker does nothing. */
    static HealthCheck queue(NodeHealth node, PrecastConfig config) {
        return config.role().servesApi()
                ? check("queue", ReadinessChecks::never, node::queue)
                : check("queue", node::queue, ReadinessChecks::never);
    }

    @Produces
    @Readiness
    @Singleton
    static HealthCheck disk(PrecastConfig config, Instance<NodeHealth> node) {
        return unlessEdge("disk", config, node, ReadinessChecks::disk);
    }

    static HealthCheck disk(NodeHealth node) {
        return check("disk", node::disk, ReadinessChecks::never);
    }

    @Produces
    @Readiness
    @Singleton
    static HealthCheck clock(PrecastConfig config, Instance<NodeHealth> node) {
        return unlessEdge("clock", config, node, ReadinessChecks::clock);
    }

    /** A worker with a wrong clock takes no requests, see the check {@code worker}. */
    static HealthCheck clock(NodeHealth node) {
        return check("clock", ReadinessChecks::never, node::clock);
    }

    /**
     * Whether the worker of this node takes requests, and whether its slots fit into the memory. A node that also serves
     * the API answers lookups all the same.
     */
    @Produces
    @Readiness
    @Singleton
    static HealthCheck worker(
            Optional<PrecompilerConfig> settings,
            Instance<Worker> worker,
            Instance<NodeHealth> node,
            PrecastConfig config) {
        if (settings.isEmpty()) {
            return check("worker", ReadinessChecks::never, ReadinessChecks::never);
        }
        Supplier<Optional<String>> trouble = () -> worker.get().trouble().map(Trouble::toString);
        Supplier<Optional<String>> memory =
                () -> node.get().memory(settings.get().slots());
        return config.role().servesApi()
                ? check("worker", ReadinessChecks::never, () -> trouble.get().or(memory))
                : check("worker", trouble, memory);
    }

    /** Whether each registered lane has a worker that takes requests. */
    @Produces
    @Readiness
    @Singleton
    static HealthCheck lanes(PrecastConfig config, Instance<LaneHealth> lanes) {
        return config.role().servesApi()
                ? check("lanes", ReadinessChecks::never, () -> lanes.get().problem())
                : check("lanes", ReadinessChecks::never, ReadinessChecks::never);
    }
}
