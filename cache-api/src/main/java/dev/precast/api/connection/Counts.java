package dev.precast.api.connection;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts by name, each with an upper bound. Keeps no name whose count is zero. Thread safe. */
final class Counts {
    private static final int NETWORK_BYTES = 8;

    private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

    /** Adds one, unless the count is {@code most} already. Each call that returns true needs one {@link #leave}. */
    boolean enter(String name, int most) {
        if (counts.merge(name, 1, Integer::sum) <= most) {
            return true;
        }
        leave(name);
        return false;
    }

    void leave(String name) {
        counts.computeIfPresent(name, (same, count) -> count == 1 ? null : count - 1);
    }

    int size() {
        return counts.size();
    }

    /** The name of a client's address. One client usually has a whole /64 of IPv6. */
    static String client(InetAddress address) {
        if (address instanceof Inet6Address) {
            byte[] bytes = address.getAddress();
            Arrays.fill(bytes, NETWORK_BYTES, bytes.length, (byte) 0);
            return NetUtil.bytesToIpAddress(bytes) + "/64";
        }
        return NetUtil.toAddressString(address);
    }
}
