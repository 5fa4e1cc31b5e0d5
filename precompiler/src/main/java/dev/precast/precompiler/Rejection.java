package dev.precast.precompiler;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The reason why a module is rejected.
 *
 * @param code short and stable
 * @param message for people, one line
 */
record Rejection(String code, String message) {
    private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final int MAX_MESSAGE = 500;

    Rejection {
        if (!CODE.matcher(code).matches()) {
            throw new IllegalArgumentException("rejection code: expected lower-case letters, digits and hyphens");
        }
        message = shortened(message);
    }

    /**
     * Parses the last line that a child writes before it exits with 65: a JSON object with {@code code} and
     * {@code message}.
     */
    static Optional<Rejection> parse(String line) {
        try {
            JsonObject json = Json.parse(line).asObject("rejection");
            return Optional.of(new Rejection(json.string("code"), json.string("message")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The last line of a child's output. */
    static String lastLine(String text) {
        List<String> lines = text.strip().lines().toList();
        return lines.isEmpty() ? "" : lines.getLast();
    }

    /** The text as one short line. */
    static String shortened(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", " ");
        return printable.length() <= MAX_MESSAGE ? printable : printable.substring(0, MAX_MESSAGE) + "…";
    }
}
