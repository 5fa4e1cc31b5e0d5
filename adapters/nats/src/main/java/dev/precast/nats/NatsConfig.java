package dev.precast.nats;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Settings of a NATS connection.
 *
 * @param servers {@code nats://}, {@code tls://}, {@code ws://} or {@code wss://} with a host, without user or
 *     password; at least one
 * @param login credentials of this process
 * @param tls certificates for {@code tls://} and {@code wss://}
 * @param inboxes where answers go
 * @param name name of the connection, as the server lists it
 * @param times time limits
 * @param domain JetStream domain of the streams; if empty, the domain of the server that this process is connected to
 */
public record NatsConfig(
        List<URI> servers,
        NatsLogin login,
        NatsTls tls,
        Inboxes inboxes,
        String name,
        Times times,
        Optional<String> domain) {
    private static final Set<String> SCHEMES = Set.of("nats", "tls", "ws", "wss");
    private static final int MAX_REPLIES = 16;
    private static final Pattern DOMAIN = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");

    /**
     * Prefixes of the subjects for answers, without the dot at the end.
     *
     * @param own prefix of the answers to this process, such as {@code _INBOX.api}; the permissions of its login must
     *     allow it
     * @param replies prefixes below which this process answers requests of others, 1 to 16, such as
     *     {@code _INBOX.host}; requests with another reply subject are refused
     */
    public record Inboxes(String own, List<String> replies) {
        /** @throws IllegalArgumentException if a prefix is not words separated by dots; the message names it */
        public Inboxes {
            replies = List.copyOf(replies);
            requirePrefix("NATS inbox prefix", own);
            replies.forEach(prefix -> requirePrefix("NATS reply prefix", prefix));
            if (replies.isEmpty() || replies.size() > MAX_REPLIES) {
                throw new IllegalArgumentException(
                        "NATS reply prefixes: expected 1 to " + MAX_REPLIES + ", found " + replies.size());
            }
        }

        private static void requirePrefix(String what, String prefix) {
            if (!PREFIX.matcher(prefix).matches()) {
                throw new IllegalArgumentException(what
                        + ": expected words separated by dots, of letters, digits, - and _, found \"" + prefix + "\"");
            }
        }
    }

    /**
     * Time limits.
     *
     * @param request timeout of one request, 100 ms to a minute
     * @param connect time limit for the first connection, at most an hour; later reconnects have no limit
     */
    public record Times(Duration request, Duration connect) {
        /** @throws IllegalArgumentException if a value is out of its range; the message names it */
        public Times {
            requireWithin("NATS timeout", request, Duration.ofMillis(100), Duration.ofMinutes(1));
            requireWithin("NATS connect time", connect, Duration.ZERO, Duration.ofHours(1));
        }

        private static void requireWithin(String what, Duration found, Duration least, Duration most) {
            if (found.compareTo(least) < 0 || found.compareTo(most) > 0) {
                throw new IllegalArgumentException(what + ": expected " + least + " to " + most + ", found " + found);
            }
        }
    }

    /** @throws IllegalArgumentException if a value is out of its range; the message names it */
    public NatsConfig {
        servers = List.copyOf(servers);
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("NATS servers: expected at least one, found none");
        }
        servers.forEach(NatsConfig::requireServer);
        if (name.isBlank()) {
            throw new IllegalArgumentException("NATS connection name: expected a name, found none");
        }
        domain.filter(text -> !DOMAIN.matcher(text).matches()).ifPresent(text -> {
            throw new IllegalArgumentException(
                    "NATS domain: expected letters, digits, - and _, found \"" + text + "\"");
        });
    }

    /** Settings without login and TLS, with inboxes below {@code _INBOX}, 2 s for a request and 30 s to connect. */
    public static NatsConfig of(URI server) {
        return new NatsConfig(
                List.of(server),
                new NatsLogin.Anonymous(),
                NatsTls.DEFAULT,
                new Inboxes("_INBOX", List.of("_INBOX")),
                "precast",
                new Times(Duration.ofSeconds(2), Duration.ofSeconds(30)),
                Optional.empty());
    }

    /** A copy with another login and another prefix of its own inbox. */
    public NatsConfig withLogin(NatsLogin other, String prefix) {
        Inboxes changed = new Inboxes(prefix, inboxes.replies());
        return new NatsConfig(servers, other, tls, changed, name, times, domain);
    }

    /** A copy that answers below other prefixes. */
    public NatsConfig withReplies(List<String> prefixes) {
        Inboxes changed = new Inboxes(inboxes.own(), prefixes);
        return new NatsConfig(servers, login, tls, changed, name, times, domain);
    }

    /** A copy with other TLS settings. */
    public NatsConfig withTls(NatsTls other) {
        return new NatsConfig(servers, login, other, inboxes, name, times, domain);
    }

    /** A copy with other time limits. */
    public NatsConfig withTimes(Duration request, Duration connect) {
        return new NatsConfig(servers, login, tls, inboxes, name, new Times(request, connect), domain);
    }

    /** A copy for streams in another JetStream domain. */
    public NatsConfig withDomain(String other) {
        return new NatsConfig(servers, login, tls, inboxes, name, times, Optional.of(other));
    }

    /** Timeout of one request. */
    Duration timeout() {
        return times.request();
    }

    private static void requireServer(URI server) {
        if (!SCHEMES.contains(String.valueOf(server.getScheme())) || server.getHost() == null) {
            throw new IllegalArgumentException(
                    "NATS server: expected nats://, tls://, ws:// or wss:// and a host, found \"" + server + "\"");
        }
        if (server.getUserInfo() != null) {
            throw new IllegalArgumentException("NATS server " + server.getHost()
                    + ": expected no user, password or token in the address; set them by their own keys");
        }
    }
}
