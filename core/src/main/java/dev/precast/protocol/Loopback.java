package dev.precast.protocol;

import java.util.Locale;

/** Addresses of this machine itself. */
public final class Loopback {
    private Loopback() {}

    /**
     * Whether a host names this machine: {@code localhost}, an IPv4 address that begins with 127, or {@code [::1]}. Looks
     * up no names.
     *
     * @param host the host of a URI, in any case
     */
    public static boolean isHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        // The prefix comes first, because the first regular expression costs time in a starting host.
        return lower.equals("localhost")
                || lower.equals("[::1]")
                || (lower.startsWith("127.") && lower.matches("127(\\.\\d{1,3}){3}"));
    }
}
