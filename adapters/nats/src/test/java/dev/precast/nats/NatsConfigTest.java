package dev.precast.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NatsConfigTest {
    private static final NatsConfig CONFIG = NatsConfig.of(URI.create("nats://127.0.0.1:4222"));

    @ParameterizedTest
    @ValueSource(strings = {"nats://a:4222", "tls://b", "ws://c:80", "wss://d"})
    void servers_are_addresses(String server) {
        assertThat(NatsConfig.of(URI.create(server)).servers()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a:4222", "a:4222", "nats:4222", "/tmp/nats"})
    void another_address_is_refused(String server) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsConfig.of(URI.create(server)))
                .withMessageContaining("expected nats://, tls://, ws:// or wss:// and a host");
    }

    @Test
    void an_address_with_a_password_is_refused_without_showing_it() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NatsConfig.of(URI.create("nats://user:secret@a:4222")))
                .withMessage(
                        "NATS server a: expected no user, password or token in the address; set them by their own keys");
    }

    @Test
    void no_server_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NatsConfig(
                        List.of(),
                        CONFIG.login(),
                        CONFIG.tls(),
                        CONFIG.inboxes(),
                        "x",
                        CONFIG.times(),
                        CONFIG.domain()))
                .withMessage("NATS servers: expected at least one, found none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hub.one", "*", "a b"})
    void a_domain_is_one_word(String domain) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withDomain(domain))
                .withMessage("NATS domain: expected letters, digits, - and _, found \"" + domain + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "_INBOX.", "_INBOX.>", "_INBOX.*", "a b"})
    void an_inbox_prefix_is_words(String prefix) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withLogin(CONFIG.login(), prefix))
                .withMessageContaining("expected words separated by dots");
    }

    @Test
    void replies_have_one_to_sixteen_prefixes_of_words() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withReplies(List.of()))
                .withMessage("NATS reply prefixes: expected 1 to 16, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withReplies(Collections.nCopies(17, "a")))
                .withMessage("NATS reply prefixes: expected 1 to 16, found 17");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withReplies(List.of("_INBOX.host", ">")))
                .withMessageStartingWith("NATS reply prefix: expected words separated by dots");
    }

    @Test
    void times_have_bounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withTimes(Duration.ofMillis(99), Duration.ZERO))
                .withMessage("NATS timeout: expected PT0.1S to PT1M, found PT0.099S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CONFIG.withTimes(Duration.ofSeconds(1), Duration.ofHours(2)))
                .withMessage("NATS connect time: expected PT0S to PT1H, found PT2H");
    }

    @Test
    void secrets_are_not_printed() {
        assertThat(CONFIG.withLogin(new NatsLogin.UserPassword("worker", "secret"), "_INBOX.worker"))
                .hasToString(
                        "NatsConfig[servers=[nats://127.0.0.1:4222], login=user worker, tls=NatsTls["
                                + "caFile=Optional.empty, client=Optional.empty], inboxes=Inboxes[own=_INBOX.worker, "
                                + "replies=[_INBOX]], name=precast, times=Times[request=PT2S, connect=PT30S], domain=Optional.empty]");
        assertThat(new NatsLogin.Token("secret")).hasToString("a token");
    }

    @Test
    void a_queue_has_bounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QueueConfig(0, Duration.ofSeconds(30), 1))
                .withMessage("queue capacity: expected at least 1, found 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QueueConfig(1, Duration.ofMillis(999), 1))
                .withMessage("ack wait: expected at least PT1S, found PT0.999S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QueueConfig(1, Duration.ofSeconds(30), 6))
                .withMessage("queue replicas: expected 1 to 5, or 0 to follow the size of the cluster, found 6");
    }
}
