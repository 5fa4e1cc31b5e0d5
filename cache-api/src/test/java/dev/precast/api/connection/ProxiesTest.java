package dev.precast.api.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
    private static final String PROXY = "10.0.0.1";
    private static final Proxies PROXIES = new Proxies(List.of("10.0.0.0/24", "2001:db8:1::/48", "192.0.2.7"), false);

    private static String client(String sender, String... forwarded) throws Exception {
        return PROXIES.client(InetAddress.getByName(sender), List.of(forwarded)).getHostAddress();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            for=203.0.113.9                             | 203.0.113.9
            For=203.0.113.9;proto=https;by=10.0.0.1     | 203.0.113.9
            proto=https ; for="203.0.113.9:4711"        | 203.0.113.9
            for="[2001:db8:2::5]"                       | 2001:db8:2:0:0:0:0:5
            for="[2001:db8:2::5]:_port"                 | 2001:db8:2:0:0:0:0:5
            for="[::ffff:203.0.113.9]"                  | 203.0.113.9
            for=203.0.113.9;host="a\\"b"                | 203.0.113.9
            """)
    void the_address_that_a_proxy_names_is_the_clients(String header, String expected) throws Exception {
        assertThat(client(PROXY, header)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            for=6.6.6.6, for=203.0.113.9                    | 203.0.113.9
            for=6.6.6.6, for=203.0.113.9, for=10.0.0.5      | 203.0.113.9
            for=10.0.0.5,for=203.0.113.9                    | 203.0.113.9
            for="6.6.6.6, for=203.0.113.9                   | 203.0.113.9
            for=6.6.6.6;x=", for=203.0.113.9                | 203.0.113.9
            , for=203.0.113.9                               | 203.0.113.9
            for=203.0.113.9;host="x, for=6.6.6.6"           | 10.0.0.1
            for=203.0.113.9;host="x, for=6.6.6.6;y=\\""     | 10.0.0.1
            """)
    void what_the_client_wrote_before_the_proxys_element_does_not_count(String header, String expected)
            throws Exception {
        assertThat(client(PROXY, header)).isEqualTo(expected);
    }

    @Test
    void the_last_line_of_the_header_counts() throws Exception {
        assertThat(client(PROXY, "for=6.6.6.6", "for=203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "for=unknown",
                "for=_hidden",
                "proto=https",
                "for=203.0.113.9;for=6.6.6.6",
                "for=203.0.113.9;",
                "for=203.0.113.9 for=6.6.6.6",
                "for=203.0.113.999",
                "for=203.0.113.9:4711",
                "for=2001:db8:2::5",
                "for=\"[2001:db8:2::5\"",
                "for=localhost",
                "for=\"203.0.113.9",
                "for=6.6.6.6, for=unknown",
                "203.0.113.9",
                "for=10.0.0.9"
            })
    void a_client_whose_proxy_does_not_name_it_has_the_proxys_address(String header) throws Exception {
        assertThat(client(PROXY, header)).isEqualTo(PROXY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.1.1", "127.0.0.1", "192.0.2.8", "2001:db8:2::1"})
    void a_peer_that_is_no_proxy_is_not_believed(String peer) throws Exception {
        assertThat(client(peer, "for=203.0.113.9"))
                .isEqualTo(InetAddress.getByName(peer).getHostAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.255", "192.0.2.7", "2001:db8:1:ffff::1", "::ffff:10.0.0.1"})
    void a_peer_in_a_range_is_a_proxy(String peer) throws Exception {
        assertThat(client(peer, "for=203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "proxy.example",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0/8",
                "1.2.3.4/8/8",
                "::/129"
            })
    void a_malformed_range_is_refused(String range) {
        assertThatThrownBy(() -> new Proxies(List.of(range), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("proxy: expected an IP address or a range such as 10.0.0.0/8, found \"" + range + "\"");
    }

    @Test
    void the_PROXY_protocol_needs_proxies() {
        assertThatThrownBy(() -> new Proxies(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected the addresses of proxies, found none");
    }
}
