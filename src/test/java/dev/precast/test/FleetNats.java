package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.JsonObject;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.server.NatsServer;
import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Calls a fleet over NATS. */
final class FleetNats {
    private FleetNats() {}

    /** Sends a request to the NATS service, as the user {@code host}. */
    static Message ask(Fleet fleet, String endpoint, JsonObject question) throws IOException, InterruptedException {
        try (Connection host = connect(fleet, "host")) {
            byte[] body = question.canonical().getBytes(StandardCharsets.UTF_8);
            Message answer = host.request("precast.v1." + endpoint, body, Duration.ofMinutes(1));
            assertThat(answer).as("the answer of " + endpoint).isNotNull();
            return answer;
        }
    }

    /** A connection of one of the fleet's NATS users. */
    static Connection connect(Fleet fleet, String role) throws IOException, InterruptedException {
        return Nats.connect(Options.builder()
                .server("nats://127.0.0.1:" + fleet.nats().port())
                .userInfo(role, NatsServer.password(role))
                .inboxPrefix("_INBOX." + role)
                .build());
    }
}
