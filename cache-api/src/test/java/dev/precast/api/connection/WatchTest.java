package dev.precast.api.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The deadlines of a connection, and the PROXY protocol. */
class WatchTest {
    private static final String PROXY = "10.0.0.1";

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConnectionGate gate = Accepted.gate(registry, "10.0.0.0/30", true);

    private double count(String name, String reason) {
        return registry.get(name).tag("reason", reason).counter().count();
    }

    private static Accepted afterOneRequest(ConnectionGate gate) throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");
        client.send("GET / HTTP/1.1\r\n\r\n");
        client.begin(gate, false).end();
        return client;
    }

    @Test
    void a_head_that_trickles_ends_at_its_deadline() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");

        for (int second = 1; second < 10; second++) {
            client.send("G");
            client.pass(1);
        }
        assertThat(client.isOpen()).isTrue();
        client.pass(1);

        assertThat(client.isOpen()).isFalse();
        assertThat(count("precast.connections.expired", "head")).isOne();
    }

    @Test
    void a_connection_that_sends_nothing_ends_at_the_deadline_of_a_head() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");

        client.pass(9);
        assertThat(client.isOpen()).isTrue();
        client.pass(1);

        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void a_request_in_progress_has_no_deadline() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");
        client.send("PUT / HTTP/1.1\r\n\r\n");
        client.begin(gate, false);

        for (int minute = 0; minute < 5; minute++) {
            client.pass(60);
            client.send("part of the body");
        }

        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void a_connection_without_a_request_ends_after_the_idle_time() throws Exception {
        Accepted client = afterOneRequest(gate);

        client.pass(59);
        assertThat(client.isOpen()).isTrue();
        client.pass(1);

        assertThat(client.isOpen()).isFalse();
        assertThat(count("precast.connections.expired", "idle")).isOne();
        assertThat(count("precast.connections.expired", "head")).isZero();
    }

    @Test
    void the_first_byte_of_the_next_request_starts_the_deadline_of_its_head() throws Exception {
        Accepted client = afterOneRequest(gate);

        client.pass(50);
        client.send("G");
        client.pass(9);
        client.send("E");
        assertThat(client.isOpen()).isTrue();
        client.pass(1);

        assertThat(client.isOpen()).isFalse();
        assertThat(count("precast.connections.expired", "head")).isOne();
    }

    @Test
    void the_idle_time_starts_when_the_client_has_received_the_answer() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");
        ClientRequest request = client.begin(gate, false);
        client.readsNothing(true);
        var unused = client.writeOneOutbound(Unpooled.copyInt(200));
        request.end();

        client.pass(300);
        assertThat(client.isOpen()).isTrue();
        client.readsNothing(false);
        client.flush();
        client.pass(59);
        assertThat(client.isOpen()).isTrue();
        client.pass(1);

        assertThat(client.isOpen()).isFalse();
        client.releaseOutbound();
    }

    @Test
    void the_late_end_of_an_answer_does_not_end_the_next_request() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");
        ClientRequest first = client.begin(gate, false);
        client.begin(gate, false);
        first.end();

        client.pass(300);

        assertThat(client.isOpen()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(HAProxyProtocolVersion.class)
    void the_header_of_a_proxy_names_the_client(HAProxyProtocolVersion version) throws Exception {
        Accepted client = Accepted.connect(gate, PROXY);

        client.writeInbound(header(version, "203.0.113.9"));
        client.send("GET /");

        assertThat(client.watch().source().getHostAddress()).isEqualTo("203.0.113.9");
        ByteBuf rest = client.readInbound();
        assertThat(rest.toString(StandardCharsets.US_ASCII)).isEqualTo("GET /");
        rest.release();
    }

    @Test
    void a_proxy_behind_a_proxy_has_the_limit_of_a_proxy() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(throughProxy("10.0.0.2").isOpen()).isTrue();
        }
    }

    @Test
    void a_proxy_may_open_connections_of_its_own() throws Exception {
        Accepted check = Accepted.connect(gate, PROXY);

        check.send("PROXY UNKNOWN\r\n");

        assertThat(check.isOpen()).isTrue();
        assertThat(check.watch().source().getHostAddress()).isEqualTo(PROXY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "PROXY TCP4 forged\r\n", "PROXY TCP4 a.b.c.d 1.2.3.4 1 2\r\n"})
    void a_proxy_without_a_valid_header_is_cut_off(String bytes) throws Exception {
        Accepted client = Accepted.connect(gate, PROXY);

        client.send(bytes);

        assertThat(client.isOpen()).isFalse();
        assertThat(count("precast.connections.refused", "header")).isOne();
    }

    @Test
    void a_header_that_trickles_ends_at_the_deadline_of_a_head() throws Exception {
        Accepted client = Accepted.connect(gate, PROXY);

        client.send("PROXY");
        client.pass(10);

        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void a_header_of_another_peer_is_not_read() throws Exception {
        Accepted client = Accepted.connect(gate, "203.0.113.9");

        client.send("PROXY TCP4 6.6.6.6 1.2.3.4 1 2\r\n");

        assertThat(client.watch().source().getHostAddress()).isEqualTo("203.0.113.9");
        client.releaseInbound();
    }

    @Test
    void connections_through_a_proxy_count_for_the_client_that_its_header_names() throws Exception {
        assertThat(throughProxy("203.0.113.9").isOpen()).isTrue();
        assertThat(throughProxy("203.0.113.9").isOpen()).isTrue();
        assertThat(throughProxy("203.0.113.9").isOpen()).isFalse();
        assertThat(count("precast.connections.refused", "address")).isOne();
    }

    private Accepted throughProxy(String source) throws Exception {
        Accepted client = Accepted.connect(gate, PROXY);
        client.writeInbound(header(HAProxyProtocolVersion.V2, source));
        return client;
    }

    private static ByteBuf header(HAProxyProtocolVersion version, String source) {
        EmbeddedChannel encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
        encoder.writeOutbound(new HAProxyMessage(
                version, HAProxyCommand.PROXY, HAProxyProxiedProtocol.TCP4, source, "192.0.2.1", 4711, 8077));
        return encoder.readOutbound();
    }
}
