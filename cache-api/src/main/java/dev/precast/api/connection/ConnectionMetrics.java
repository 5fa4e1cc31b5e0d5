package dev.precast.api.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Metrics of connections. All exist from the start, so that an alert on an increase sees the first one. */
public final class ConnectionMetrics {
    /** Why a connection was refused. */
    enum Refused {
        TOTAL,
        ADDRESS,
        PROXY,
        /** A proxy did not send a valid header of the PROXY protocol. */
        HEADER;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why an open connection was closed. */
    enum Expired {
        /** The head of a request was not complete in time. */
        HEAD,
        /** No request came in time. */
        IDLE,
        /** The client read an answer too slowly. */
        ANSWER,
        /** The unread answers of all clients were over their limit. */
        UNREAD
    }

    /** Which limit a request exceeded. */
    enum Limit {
        ADDRESS,
        TOKEN
    }

    private final MeterRegistry registry;
    private final Map<Refused, Counter> refused;
    private final Map<Expired, Counter> expired;
    private final Map<Limit, Counter> limited;

    public ConnectionMetrics(MeterRegistry registry) {
        this.registry = registry;
        refused = counters(
                "precast.connections.refused",
                "Connections refused: over a limit, or from a proxy without a header of the PROXY protocol.",
                Refused.class);
        expired = counters(
                "precast.connections.expired",
                "Connections closed because no request came in time, or because a client did not read an answer.",
                Expired.class);
        limited = counters("precast.requests.refused", "Requests answered with 429 because of a limit.", Limit.class);
    }

    private <E extends Enum<E>> Map<E, Counter> counters(String name, String description, Class<E> reasons) {
        return Arrays.stream(reasons.getEnumConstants())
                .collect(Collectors.toMap(
                        reason -> reason,
                        reason -> Counter.builder(name)
                                .description(description)
                                .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                                .register(registry),
                        (one, same) -> one,
                        () -> new EnumMap<>(reasons)));
    }

    void open(Supplier<Number> connections) {
        Gauge.builder("precast.connections", connections)
                .description("Open connections.")
                .register(registry);
    }

    void unread(Supplier<Number> bytes) {
        Gauge.builder("precast.answers.unread", bytes)
                .description("Bytes of answers that clients have not read yet.")
                .baseUnit("bytes")
                .register(registry);
    }

    void count(Refused reason) {
        Objects.requireNonNull(refused.get(reason)).increment();
    }

    void count(Expired reason) {
        Objects.requireNonNull(expired.get(reason)).increment();
    }

    void count(Limit reason) {
        Objects.requireNonNull(limited.get(reason)).increment();
    }
}
