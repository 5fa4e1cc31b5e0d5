package dev.precast.server;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Enables OpenTelemetry if {@code precast.tracing.endpoint} is set. */
public final class TracingSource implements ConfigSourceFactory {
    /** Higher than application.properties, lower than users' settings. */
    private static final int ORDINAL = 270;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue endpoint = context.getValue("precast.tracing.endpoint");
        if (endpoint == null
                || endpoint.getValue() == null
                || endpoint.getValue().isBlank()) {
            return List.of();
        }
        Map<String, String> otel = Map.of(
                "quarkus.otel.sdk.disabled", "false", "quarkus.otel.exporter.otlp.endpoint", endpoint.getValue());
        return List.of(new PropertiesConfigSource(otel, "precast.tracing", ORDINAL));
    }
}
