package dev.precast.api.json;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The preference {@code wait} of RFC 7240, and {@code redirect} of the wire protocol. */
public final class Preferences {
    private static final Pattern WAIT = Pattern.compile("(?i)\\s*wait\\s*=\\s*\"?(\\d{1,9})\"?\\s*(;.*)?");
    private static final Pattern REDIRECT = Pattern.compile("(?i)\\s*redirect\\s*(;.*)?");

    private Preferences() {}

    /** Whether the client prefers a redirect to the store to a payload's bytes. */
    public static boolean redirect(@Nullable List<String> headers) {
        return preferences(headers).anyMatch(REDIRECT.asMatchPredicate());
    }

    /** How long the client wants to wait; zero if there is no such preference. Ignores malformed preferences. */
    public static Duration wait(@Nullable List<String> headers) {
        return preferences(headers)
                .map(WAIT::matcher)
                .filter(Matcher::matches)
                .map(m -> Duration.ofSeconds(Long.parseLong(m.group(1))))
                .findFirst()
                .orElse(Duration.ZERO);
    }

    private static Stream<String> preferences(@Nullable List<String> headers) {
        return headers == null ? Stream.of() : headers.stream().flatMap(header -> Stream.of(header.split(",")));
    }
}
