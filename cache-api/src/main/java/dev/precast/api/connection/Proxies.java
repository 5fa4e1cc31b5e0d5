package dev.precast.api.connection;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The proxies whose word about a client's address counts. Immutable.
 *
 * <p>Quarkus has such settings too ({@code quarkus.http.proxy.*}), but believes the first element of {@code Forwarded},
 * which the client writes, and expects the PROXY protocol of every peer.
 */
public final class Proxies {
    private final List<IpSubnetFilterRule> ranges;
    private final boolean proxyProtocol;

    /**
     * @param ranges IP addresses, or ranges such as {@code 10.0.0.0/8}
     * @param proxyProtocol whether connections from these addresses begin with a header of the PROXY protocol
     * @throws IllegalArgumentException if a range is malformed, or there is a protocol but no proxy
     */
    public Proxies(List<String> ranges, boolean proxyProtocol) {
        if (proxyProtocol && ranges.isEmpty()) {
            throw new IllegalArgumentException("proxy protocol: expected the addresses of proxies, found none");
        }
        this.ranges = ranges.stream().map(Proxies::range).toList();
        this.proxyProtocol = proxyProtocol;
    }

    private static IpSubnetFilterRule range(String text) {
        String[] parts = text.strip().split("/", -1);
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(parts[0]);
        try {
            if (address != null && parts.length <= 2) {
                int bits = address.getAddress().length * 8;
                int prefix = parts.length == 1 ? bits : Integer.parseInt(parts[1]);
                return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
            }
        } catch (IllegalArgumentException e) {
            // The prefix is no number, or out of range.
        }
        throw new IllegalArgumentException(
                "proxy: expected an IP address or a range such as 10.0.0.0/8, found \"" + text + "\"");
    }

    boolean proxyProtocol() {
        return proxyProtocol;
    }

    boolean contains(InetAddress address) {
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        return ranges.stream().anyMatch(range -> range.matches(socket));
    }

    /**
     * The address of the client that sent a request.
     *
     * @param sender the peer of the connection, or the source that the PROXY protocol named
     * @param forwarded all lines of the header {@code Forwarded}
     * @return {@code sender} if it is no proxy, or if the proxies do not name another address
     */
    InetAddress client(InetAddress sender, List<String> forwarded) {
        if (!contains(sender)) {
            return sender;
        }
        for (String element : Forwarded.elements(forwarded)) {
            InetAddress named = Forwarded.sender(element);
            if (named == null) {
                return sender;
            }
            if (!contains(named)) {
                return named;
            }
        }
        return sender;
    }
}
