package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ServerTest {

    @TestHTTPResource("/q/health/ready")
    URI ready;

    @Test
    void a_server_without_configuration_is_ready_on_loopback() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("UP");
            for (String probe : new String[] {"live", "started"}) {
                URI other = ready.resolve(probe);
                assertThat(client.send(HttpRequest.newBuilder(other).build(), BodyHandlers.ofString())
                                .statusCode())
                        .as(probe)
                        .isEqualTo(200);
            }
        }
    }
}
