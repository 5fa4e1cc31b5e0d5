package dev.precast.api.connection;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header {@code Forwarded} (RFC 7239). A proxy appends an element, so the last one is the most credible.
 *
 * <p>Elements are split at every comma, also inside quotes: no address contains a comma, and a client's unbalanced quote
 * cannot swallow the element that the proxy appended.
 */
final class Forwarded {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]++";
    private static final Pattern PAIR =
            Pattern.compile("[ \\t]*+(" + TOKEN + ")=(?:(" + TOKEN + ")|\"((?:[^\"\\\\]|\\\\.)*+)\")[ \\t]*+(;|\\z)");
    private static final Pattern NODE =
            Pattern.compile("(?:([0-9.]++)|\\[([0-9A-Fa-f:.]++)])(?::(?:[0-9]{1,5}+|_[A-Za-z0-9._-]++))?+");

    private Forwarded() {}

    /** The elements of all lines of the header, the last element first. */
    static List<String> elements(List<String> lines) {
        List<String> elements = new ArrayList<>();
        lines.forEach(line -> elements.addAll(List.of(line.split(",", -1))));
        return elements.reversed();
    }

    /** The address in {@code for}; null if the element is malformed or names no address. */
    static @Nullable InetAddress sender(String element) {
        String node = null;
        Matcher pair = PAIR.matcher(element);
        int at = 0;
        do {
            if (!pair.region(at, element.length()).lookingAt()) {
                return null;
            }
            if (pair.group(1).equalsIgnoreCase("for")) {
                if (node != null) {
                    return null;
                }
                node = pair.group(2) == null ? pair.group(3) : pair.group(2);
            }
            at = pair.end();
        } while (!pair.group(4).isEmpty());
        return node == null ? null : address(node);
    }

    private static @Nullable InetAddress address(String node) {
        Matcher parts = NODE.matcher(node);
        if (!parts.matches()) {
            return null;
        }
        String address = parts.group(1) == null ? parts.group(2) : parts.group(1);
        return NetUtil.createInetAddressFromIpAddressString(address);
    }
}
