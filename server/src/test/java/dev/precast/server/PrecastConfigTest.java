package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.cache.outcome.Limits;
import dev.precast.module.Cap;
import dev.precast.module.StaticCaps;
import dev.precast.precompiler.Confinement;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.validator.BeanValidationConfigValidatorImpl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecastConfigTest {
    static PrecastConfig config(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .withMapping(PrecastConfig.class)
                .withValidator(new BeanValidationConfigValidatorImpl())
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(properties, "test", 100))
                .withConverter(MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Duration.class, 100, new DurationConverter())
                .build()
                .getConfigMapping(PrecastConfig.class);
    }

    @Test
    void the_defaults_are_the_documented_ones() {
        PrecastConfig config = config(Map.of("user.home", "/home/me"));

        assertThat(config.data()).isEqualTo(Path.of("/home/me/.local/share/precast"));
        assertThat(config.host()).isEqualTo("127.0.0.1");
        assertThat(config.port()).isEqualTo(8077);
        assertThat(config.role()).isEqualTo(PrecastConfig.Role.ALL);
        assertThat(config.slots()).isEmpty();
        assertThat(config.builder()).isEqualTo("urn:precast:builder:embedded");
        assertThat(config.packs().folder()).isEmpty();
        assertThat(config.packs().allowed()).containsExactly("bundled");
        PrecastConfig.LimitsConfig l = config.limits();
        assertThat(new Limits(l.heapMb(), l.memoryMb(), l.cpuSeconds(), l.wallSeconds(), l.outputMb()))
                .isEqualTo(Limits.DEFAULT);
        assertThat(WorkerSettings.caps(config.caps())).isEqualTo(StaticCaps.DEFAULT);
        assertThat(config.allowUnconfined()).isFalse();
        assertThat(config.confinement()).isEqualTo(PrecastConfig.Confinement.BEST_EFFORT);
        assertThat(config.disk().minFree().asLongValue()).isEqualTo(64 << 20);
        assertThat(config.queue().capacity()).isEqualTo(10_000);
        assertThat(config.http().maxConnections()).isEqualTo(4096);
        assertThat(config.http().maxConnectionsPerAddress()).isEqualTo(512);
        assertThat(config.http().maxConnectionsPerProxy()).isEqualTo(4096);
        assertThat(config.http().maxRequestsPerToken()).isEqualTo(2048);
        assertThat(config.http().headTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.http().idleTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.http().proxies()).isEmpty();
        assertThat(config.http().proxyProtocol()).isFalse();
        assertThat(config.upload().maxBytes().asLongValue()).isEqualTo(512 << 20);
        assertThat(config.upload().quota().asLongValue()).isEqualTo(100L << 30);
        assertThat(config.upload().maxConcurrent()).isEqualTo(256);
        assertThat(config.upload().minRate().asLongValue()).isEqualTo(16 << 10);
        assertThat(config.retry().base()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.retirement().sweepEvery()).isEqualTo(Duration.ofDays(1));
        assertThat(config.trust().onlineKey()).isEmpty();
        assertThat(config.trust().statementLife()).isEqualTo(Duration.ofDays(1));
        assertThat(config.damage().bytesPerSecond().asLongValue()).isEqualTo(64 << 20);
        assertThat(config.scrub().mode()).isEqualTo(PrecastConfig.ScrubMode.DAILY);
        assertThat(config.damage().recheckPercent()).isEqualTo(1);
        assertThat(config.scrub().bytesPerSecond().asLongValue()).isEqualTo(16 << 20);
        assertThat(config.auth().tokensFile()).isEmpty();
        assertThat(config.auth().jwt().algorithms()).isEqualTo(List.of("EdDSA", "ES256", "RS256"));
        assertThat(config.log().json()).isFalse();
        assertThat(config.tracing().endpoint()).isEmpty();
    }

    @Test
    void the_data_folder_follows_the_desktop_s_convention() {
        assertThat(config(Map.of("user.home", "/home/me", "XDG_DATA_HOME", "/data"))
                        .data())
                .isEqualTo(Path.of("/data/precast"));
    }

    @Test
    void cap_names_ignore_case_and_punctuation() {
        PrecastConfig config =
                config(Map.of("user.home", "/", "precast.caps.total-locals", "5", "precast.caps.functions", "6"));

        assertThat(WorkerSettings.caps(config.caps()))
                .isEqualTo(StaticCaps.DEFAULT.with(Cap.TOTAL_LOCALS, 5).with(Cap.FUNCTIONS, 6));
    }

    @ParameterizedTest
    @CsvSource({"best-effort, false, BEST_EFFORT", "best-effort, true, UNCONFINED", "required, false, REQUIRED"})
    void two_keys_say_what_must_confine_children(String confinement, String unconfined, Confinement.Mode expected) {
        assertThat(WorkerSettings.of(withPacks(confinement, unconfined), Path.of("work")))
                .hasValueSatisfying(
                        settings -> assertThat(settings.packs().confinement()).isEqualTo(expected));
    }

    @Test
    void required_confinement_contradicts_permission_to_do_without() {
        assertThatThrownBy(() -> WorkerSettings.of(withPacks("required", "true"), Path.of("work")))
                .hasMessageContaining("precast.allow-unconfined: contradicts precast.confinement");
    }

    private static PrecastConfig withPacks(String confinement, String unconfined) {
        return config(Map.of(
                "user.home",
                "/",
                "precast.packs.folder",
                "packs",
                "precast.confinement",
                confinement,
                "precast.allow-unconfined",
                unconfined));
    }

    @ParameterizedTest
    @CsvSource({
        "precast.port, 65536",
        "precast.port, -1",
        "precast.limits.wall-seconds, 0",
        "precast.queue.capacity, 0",
        "precast.http.max-connections, 0",
        "precast.http.head-timeout, soon",
        "precast.upload.max-concurrent, 0",
        "precast.upload.max-bytes, big",
        "precast.caps.functions, -1",
        "precast.role, king",
        "precast.confinement, none",
        "precast.retirement.sweep-every, often",
        "precast.strange, 1"
    })
    void invalid_values_are_refused(String name, String value) {
        assertThatThrownBy(() -> config(Map.of("user.home", "/", name, value)))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining(name);
    }
}
