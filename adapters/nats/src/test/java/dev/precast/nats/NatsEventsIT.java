package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.event.CompileEvents;
import dev.precast.testkit.contract.CompileEventsContract;
import dev.precast.testkit.contract.SampleKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsEventsIT extends CompileEventsContract {
    private static final CompileEvent COMPILED = new CompileEvent(SampleKeys.key(), CompileEvent.Kind.COMPILED);

    @RegisterExtension
    private static final LinkedServer NATS = new LinkedServer();

    @Override
    protected CompileEvents freshEvents() {
        return new NatsEvents(NATS.link());
    }

    @Test
    void another_process_gets_events_from_its_subscription_on() throws Exception {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        try (NatsLink other = Links.to(NATS.server());
                CompileEvents.Subscription subscription = new NatsEvents(other).subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            new NatsEvents(NATS.link()).publish(COMPILED);

            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(COMPILED);
        }
    }

    @Test
    void malformed_events_are_ignored() throws Exception {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        try (CompileEvents.Subscription subscription = new NatsEvents(NATS.link()).subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            for (String forged : new String[] {"", "{}", "{\"v\":2}", "{\"v\":1,\"event\":\"compiled\",\"key\":{}}"}) {
                NATS.link().send("precast.events.a.b", forged.getBytes(StandardCharsets.UTF_8));
            }
            new NatsEvents(NATS.link()).publish(COMPILED);

            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(COMPILED);
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void a_subscriber_gets_events_again_after_a_reconnect() throws Exception {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        NatsEvents events = new NatsEvents(NATS.link());
        try (CompileEvents.Subscription subscription = events.subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            NATS.server().kill();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !NATS.link().isConnected());
            events.publish(COMPILED);
            NATS.server().startAgain();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(NATS.link()::isConnected);

            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                events.publish(COMPILED);
                return heard.poll(100, TimeUnit.MILLISECONDS) != null;
            });
        }
    }
}
