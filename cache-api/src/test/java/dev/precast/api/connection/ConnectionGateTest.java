package dev.precast.api.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.api.auth.Caller;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The limits: 3 connections in all and of the proxy, 2 of an address, 2 requests of a token. */
class ConnectionGateTest {
    private static final String PROXY = "10.0.0.1";
    private static final Caller HOST = new Caller("host", Set.of());

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConnectionGate gate = Accepted.gate(registry, PROXY, false);

    private boolean admits(String address) throws Exception {
        return Accepted.connect(gate, address).isOpen();
    }

    private double refused(String reason) {
        return registry.get("precast.connections.refused")
                .tag("reason", reason)
                .counter()
                .count();
    }

    @Test
    void a_connection_over_the_total_is_refused_until_another_closes() throws Exception {
        Accepted first = Accepted.connect(gate, "203.0.113.1");
        assertThat(admits("203.0.113.2")).isTrue();
        assertThat(admits("203.0.113.3")).isTrue();
        assertThat(admits("203.0.113.4")).isFalse();
        assertThat(registry.get("precast.connections").gauge().value()).isEqualTo(3);

        first.hangUp();

        assertThat(admits("203.0.113.4")).isTrue();
        assertThat(refused("total")).isOne();
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.1, 203.0.113.1, false",
        "203.0.113.1, 203.0.113.2, true",
        "2001:db8::1, 2001:db8::ffff:1, false",
        "2001:db8::1, 2001:db8:0:1::1, true"
    })
    void a_client_address_has_a_limit_of_its_own(String address, String other, boolean admitted) throws Exception {
        assertThat(admits(address)).isTrue();
        assertThat(admits(address)).isTrue();
        assertThat(admits(other)).isEqualTo(admitted);
        assertThat(refused("address")).isEqualTo(admitted ? 0 : 1);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1", "::1", PROXY})
    void loopback_and_proxies_may_open_more_connections_than_a_client(String address) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(admits(address)).isTrue();
        }
    }

    @Test
    void a_proxy_has_a_limit_of_its_own() throws Exception {
        ConnectionLimits limits = new ConnectionLimits(9, 9, 1, 9, Duration.ofSeconds(1), Duration.ofSeconds(1));
        ConnectionGate narrow = Accepted.gate(limits, registry, PROXY, false);
        assertThat(Accepted.connect(narrow, PROXY).isOpen()).isTrue();
        assertThat(Accepted.connect(narrow, PROXY).isOpen()).isFalse();
        assertThat(Accepted.connect(narrow, "10.0.0.2").isOpen()).isTrue();
        assertThat(refused("proxy")).isOne();
    }

    @Test
    void requests_that_a_proxy_forwards_count_for_the_address_until_their_answer_is_sent() throws Exception {
        Accepted proxy = Accepted.connect(gate, PROXY);
        ClientRequest first = proxy.begin(gate, true);
        assertThat(first.countAddress()).isEmpty();
        assertThat(proxy.begin(gate, true).countAddress()).isEmpty();
        ClientRequest third = proxy.begin(gate, true);

        Optional<Problem> problem = third.countAddress();
        third.end();
        first.end();

        assertThat(problem).map(Problem::code).contains(ProblemCode.TOO_MANY_REQUESTS);
        assertThat(problem.orElseThrow().detail())
                .isEqualTo("requests of address 10.0.0.1: too many (expected at most 2 at the same time); retry later");
        assertThat(proxy.begin(gate, true).countAddress()).isEmpty();
        assertThat(proxy.begin(gate, true).countAddress()).isPresent();
    }

    @Test
    void requests_of_a_direct_client_do_not_count_for_its_address() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.1");
        for (int i = 0; i < 9; i++) {
            assertThat(client.begin(gate, false).countAddress()).isEmpty();
        }
    }

    @Test
    void requests_count_for_their_token_until_the_connection_closes() throws Exception {
        Accepted first = Accepted.connect(gate, "203.0.113.1");
        Accepted second = Accepted.connect(gate, "203.0.113.2");
        Accepted third = Accepted.connect(gate, "203.0.113.3");
        assertThat(first.begin(gate, false).countToken(HOST)).isEmpty();
        assertThat(second.begin(gate, false).countToken(HOST)).isEmpty();

        assertThat(third.begin(gate, false).countToken(HOST))
                .map(Problem::status)
                .contains(429);
        assertThat(third.begin(gate, false).countToken(new Caller("another", Set.of())))
                .isEmpty();
        first.hangUp();

        assertThat(third.begin(gate, false).countToken(HOST)).isEmpty();
    }

    @Test
    void nothing_is_kept_of_connections_that_are_closed() throws Exception {
        for (int i = 0; i < 100; i++) {
            Accepted client = Accepted.connect(gate, i % 2 == 0 ? PROXY : "203.0.113." + i);
            ClientRequest request = client.begin(gate, true);
            request.countAddress();
            request.countToken(HOST);
            client.hangUp();
            request.end();
            request.release();
        }

        assertThat(gate.open()).isZero();
        assertThat(gate.addresses().size()).isZero();
        assertThat(gate.tokens().size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1, 1, PT1S, PT1S, 'connections: expected at least 1, found 0'",
        "1, 0, 1, 1, PT1S, PT1S, 'connections per address: expected at least 1, found 0'",
        "1, 1, 0, 1, PT1S, PT1S, 'connections per proxy: expected at least 1, found 0'",
        "1, 1, 1, 0, PT1S, PT1S, 'requests per token: expected at least 1, found 0'",
        "1, 1, 1, 1, PT0S, PT1S, 'head timeout: expected PT0.1S to PT1H, found PT0S'",
        "1, 1, 1, 1, PT1S, PT2H, 'idle timeout: expected PT0.1S to PT1H, found PT2H'"
    })
    void limits_out_of_range_are_refused(
            int total, int address, int proxy, int token, Duration head, Duration idle, String message) {
        assertThatThrownBy(() -> new ConnectionLimits(total, address, proxy, token, head, idle))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
