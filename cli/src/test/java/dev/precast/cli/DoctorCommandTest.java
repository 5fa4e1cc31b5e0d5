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

/** {@code doctor} with a real server that has no lanes and dates its answers. */
final class DoctorCommandTest {
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "{\"lanes\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
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

    private JsonObject clock(Instant now) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        CommandLineRun run = CommandLineRun.at(now, Map.of("PRECAST_URL", url), "doctor", "--json");
        return run.json().array("checks").stream()
                .map(check -> check.asObject("check"))
                .filter(check -> check.string("check").equals("clock"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(run.out()));
    }
}
