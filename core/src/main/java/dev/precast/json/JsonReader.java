package dev.precast.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A recursive-descent parser for RFC 8259 with the restrictions of {@link Json#parse}.
 *
 * <p>Written by hand, because this code runs first when a host starts: in a fresh JVM, Jackson's parser takes about 45
 * ms, a third of the time that loading an artifact from disk takes in all.
 */
final class JsonReader {
    private static final int MAX_LEVELS = 64;
    /** Number of digits of {@link Json#MAX_INT}. Every number of at most this many digits fits into a long. */
    private static final int MAX_DIGITS = 16;

    private final String text;
    private int at;

    private JsonReader(String text) {
        this.text = text;
    }

    static String decode(byte[] utf8) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JsonException("JSON: not valid UTF-8");
        }
    }

    static Json read(String text) {
        JsonReader reader = new JsonReader(text);
        Json value = reader.value(0);
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.unexpected("the end of the text");
        }
        return value;
    }

    private Json value(int level) {
        skipSpace();
        switch (peek()) {
            case '{' -> {
                return object(level + 1);
            }
            case '[' -> {
                return array(level + 1);
            }
            case '"' -> {
                return new Json.Text(string());
            }
            case 't' -> {
                return literal("true", new Json.Bool(true));
            }
            case 'f' -> {
                return literal("false", new Json.Bool(false));
            }
            case 'n' -> {
                return literal("null", Json.Null.NULL);
            }
            default -> {
                return integer();
            }
        }
    }

    private Json object(int level) {
        enter(level);
        Map<String, Json> members = new TreeMap<>();
        if (endsAtOnce('}')) {
            return new JsonObject(members);
        }
        do {
            skipSpace();
            if (peek() != '"') {
                throw unexpected("a name");
            }
            int start = at;
            String name = new Json.Text(string()).value();
            skipSpace();
            if (peek() != ':') {
                throw unexpected("a colon");
            }
            at++;
            if (members.put(name, value(level)) != null) {
                at = start;
                throw failed("duplicate member \"" + name + "\"");
            }
        } while (goesOn('}'));
        return new JsonObject(members);
    }

    private Json array(int level) {
        enter(level);
        List<Json> items = new ArrayList<>();
        if (endsAtOnce(']')) {
            return new Json.Array(items);
        }
        do {
            items.add(value(level));
        } while (goesOn(']'));
        return new Json.Array(items);
    }

    private void enter(int level) {
        if (level > MAX_LEVELS) {
            throw failed("more than " + MAX_LEVELS + " levels");
        }
        at++;
    }

    private boolean endsAtOnce(char end) {
        skipSpace();
        if (peek() != end) {
            return false;
        }
        at++;
        return true;
    }

    /** Reads the separator after a member or item. Returns true for a comma, false for {@code end}. */
    private boolean goesOn(char end) {
        skipSpace();
        char c = peek();
        if (c != ',' && c != end) {
            throw unexpected("a comma or " + end);
        }
        at++;
        return c == ',';
    }

    private Json literal(String word, Json value) {
        if (!text.startsWith(word, at)) {
            throw unexpected("a value");
        }
        at += word.length();
        return value;
    }

    private Json integer() {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int first = at;
        while (isDigit(peek())) {
            at++;
        }
        int digits = at - first;
        if (digits == 0) {
            throw unexpected("a value");
        }
        if (peek() == '.' || peek() == 'e' || peek() == 'E') {
            throw failed("number: only integers are allowed");
        }
        if (digits > 1 && text.charAt(first) == '0') {
            throw failed("number: leading zero");
        }
        if (digits > MAX_DIGITS) {
            throw failed("number: outside -(2^53-1) to 2^53-1; write it as a string");
        }
        return new Json.Int(Long.parseLong(text, start, at, 10));
    }

    private String string() {
        int start = ++at;
        int end = start;
        while (end < text.length() && isPlain(text.charAt(end))) {
            end++;
        }
        if (end < text.length() && text.charAt(end) == '"') {
            at = end + 1;
            return text.substring(start, end);
        }
        return stringWithEscapes();
    }

    private String stringWithEscapes() {
        StringBuilder out = new StringBuilder();
        while (peek() != '"') {
            char c = peek();
            if (c == '\\') {
                at++;
                out.append(escape());
            } else if (isPlain(c) && at < text.length()) {
                out.append(c);
                at++;
            } else {
                throw unexpected("the end of a string");
            }
        }
        at++;
        return out.toString();
    }

    private static boolean isPlain(char c) {
        return c >= 0x20 && c != '"' && c != '\\';
    }

    private char escape() {
        char c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> {
                at--;
                throw unexpected("a valid escape after a backslash");
            }
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            char c = peek();
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw unexpected("four hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        return (char) value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void skipSpace() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    /** The next character, or NUL at the end of the text. No token contains NUL. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private JsonException unexpected(String expected) {
        String found = at < text.length() ? "character code " + (int) text.charAt(at) : "the end of the text";
        return failed("expected " + expected + ", found " + found);
    }

    private JsonException failed(String what) {
        return new JsonException("JSON: " + what + ", at offset " + at);
    }
}
