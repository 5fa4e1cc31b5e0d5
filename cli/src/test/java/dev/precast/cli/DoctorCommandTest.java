package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code doctor} with a real server that has no lanes, dates its answers and has a readiness check. */
final class DoctorCommandTest {
    private HttpServer server;
    private volatile int readyStatus = 200;
    private volatile String ready = "{}";
    private volatile String engines = "{\"lanes\":[]}";

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = engines.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/q/health/ready", exchange -> {
            byte[] body = ready.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(readyStatus, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_clock_that_agrees_with_the_services_passes() {
        assertThat(clock(Instant.now()).string("health")).isEqualTo("ok");
    }

    @Test
    void a_clock_that_differs_from_the_services_is_reported() {
        JsonObject ahead = clock(Instant.now().plus(Duration.ofMinutes(10)));

        assertThat(ahead.string("health")).isEqualTo("warn");
        assertThat(ahead.string("detail")).matches("differs from the service's by (5[5-9][0-9]|60[01]) s; .*");
    }

    @Test
    void a_worker_that_has_every_part_of_the_confinement_passes_even_without_cgroups() {
        ready = readiness("UP", "\"files\": \"yes (Landlock version 7)\", \"cgroup\": \"no (no delegation)\"");
        JsonObject finding = finding(Instant.now(), "confinement");
        assertThat(finding.string("health")).isEqualTo("ok");
        assertThat(finding.string("detail")).isEqualTo("cgroup: no (no delegation); files: yes (Landlock version 7)");
    }

    @Test
    void a_missing_part_of_the_confinement_is_a_warning() {
        ready = readiness("UP", "\"files\": \"yes (Landlock)\", \"namespaces\": \"no (not permitted)\"");
        JsonObject finding = finding(Instant.now(), "confinement");
        assertThat(finding.string("health")).isEqualTo("warn");
        assertThat(finding.string("detail")).contains("namespaces: no (not permitted)");
    }

    @Test
    void a_missing_part_that_the_worker_requires_is_a_failure() {
        readyStatus = 503;
        ready = readiness("DOWN", "\"namespaces\": \"no (not permitted)\"");
        assertThat(finding(Instant.now(), "confinement").string("health")).isEqualTo("fail");
    }

    @Test
    void a_service_without_a_worker_refers_to_the_workers() {
        ready = "{\"status\": \"UP\", \"checks\": [{\"name\": \"confinement\", \"status\": \"UP\"}]}";
        JsonObject finding = finding(Instant.now(), "confinement");
        assertThat(finding.string("health")).isEqualTo("ok");
        assertThat(finding.string("detail")).contains("no worker of its own");
    }

    @Test
    void each_trouble_that_the_service_tells_is_a_finding() {
        readyStatus = 503;
        ready = """
                {"status": "DOWN", "checks": [
                    {"name": "stores", "status": "UP", "data": {"state": "ok"}},
                    {"name": "disk", "status": "DOWN", "data": {"state": "down", "reason": "too little space"}},
                    {"name": "clock", "status": "UP", "data": {"state": "degraded", "reason": "differs by 70 s"}},
                    {"name": "lanes", "status": "UP", "data": {"state": "degraded", "reason": "no worker is alive"}}
                ]}
                """;
        assertThat(finding(Instant.now(), "health").string("detail")).isEqualTo("stores");
        assertThat(finding(Instant.now(), "disk").string("health")).isEqualTo("fail");
        assertThat(finding(Instant.now(), "disk").string("detail")).isEqualTo("too little space");
        assertThat(finding(Instant.now(), "service's clock").string("health")).isEqualTo("warn");
        assertThat(finding(Instant.now(), "lanes").string("health")).isEqualTo("warn");
    }

    @Test
    void a_worker_of_a_lane_that_takes_no_requests_is_a_warning() {
        engines = """
                {"lanes": [{"engine": "copy@1.0.0+1", "engineHash": "sha256:%1$s", "config": {}, "target": "jvm",
                    "profile": "default", "format": "copy/1", "workers": 1, "troubles": ["disk: full"]}]}
                """.formatted("a".repeat(64));
        JsonObject workers = finding(Instant.now(), "workers");
        assertThat(workers.string("health")).isEqualTo("warn");
        assertThat(workers.string("detail")).isEqualTo("a worker takes no requests: disk: full");
        assertThat(finding(Instant.now(), "lanes").string("health")).isEqualTo("ok");
    }

    private static String readiness(String status, String data) {
        return """
                {
                    "status": "%s",
                    "checks": [
                        {"name": "slots", "status": "UP"},
                        {"name": "confinement", "status": "%s", "data": {%s}}
                    ]
                }
                """.formatted(status, status, data);
    }

    private JsonObject clock(Instant now) {
        return finding(now, "clock");
    }

    private JsonObject finding(Instant now, String name) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        CommandLineRun run = CommandLineRun.at(now, Map.of("PRECAST_URL", url), "doctor", "--json");
        return run.json().array("checks").stream()
                .map(check -> check.asObject("check"))
                .filter(check -> check.string("check").equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(run.out()));
    }
}
