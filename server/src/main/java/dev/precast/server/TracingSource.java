package dev.precast.server;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Switches OpenTelemetry on where {@code precast.tracing.endpoint} says where traces go. */
public final class TracingSource implements ConfigSourceFactory {
    /** Above application.properties, below what users set. */
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
