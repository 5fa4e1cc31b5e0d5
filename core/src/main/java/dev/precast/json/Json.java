package dev.precast.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON value whose numbers are integers from -(2^53-1) to 2^53-1, so that its canonical form (RFC 8785) needs no
 * rounding. Write larger integers as strings.
 *
 * <p>Immutable and thread safe.
 */
public sealed interface Json permits JsonObject, Json.Array, Json.Text, Json.Int, Json.Bool, Json.Null {
    /** Largest absolute value of a number: 2^53-1. */
    long MAX_INT = (1L << 53) - 1;

    /**
     * Parses one JSON text. Refuses duplicate names, fractions, exponents, numbers beyond {@link #MAX_INT}, lone
     * surrogates, more than 64 nested levels, and text after the value.
     *
     * @throws JsonException if the text is refused; the message says where
     */
    static Json parse(String text) {
        return JsonReader.read(text);
    }

    /** Parses one JSON text like {@link #parse(String)}; refuses malformed UTF-8. */
    static Json parse(byte[] utf8) {
        return JsonReader.read(JsonReader.decode(utf8));
    }

    static Json of(String value) {
        return new Text(value);
    }

    static Json of(long value) {
        return new Int(value);
    }

    static Json of(boolean value) {
        return new Bool(value);
    }

    static Json of(List<? extends Json> values) {
        return new Array(List.copyOf(values));
    }

    /** An array of strings. */
    static Json ofStrings(List<String> values) {
        List<Json> items = new ArrayList<>(values.size());
        for (String value : values) {
            items.add(new Text(value));
        }
        return new Array(items);
    }

    /** The canonical form (RFC 8785): no white space, names in UTF-16 order, shortest escapes. */
    default String canonical() {
        StringBuilder out = new StringBuilder();
        JsonWriter.write(this, out);
        return out.toString();
    }

    /** @throws JsonException if this is not an object; the message starts with {@code what} */
    default JsonObject asObject(String what) {
        if (this instanceof JsonObject object) {
            return object;
        }
        throw JsonException.expected(what, "an object", this);
    }

    /** @throws JsonException if this is not an array; the message starts with {@code what} */
    default List<Json> asArray(String what) {
        if (this instanceof Array array) {
            return array.items();
        }
        throw JsonException.expected(what, "an array", this);
    }

    /** @throws JsonException if this is not a string; the message starts with {@code what} */
    default String asString(String what) {
        if (this instanceof Text text) {
            return text.value();
        }
        throw JsonException.expected(what, "a string", this);
    }

    /** @param items in order */
    record Array(List<Json> items) implements Json {
        public Array {
            items = List.copyOf(items);
        }
    }

    /** @param value without lone surrogates */
    record Text(String value) implements Json {
        /** @throws JsonException if the value has a lone surrogate */
        public Text {
            requireUnicode(value);
        }

        static void requireUnicode(String value) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                if (Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1))) {
                    i++;
                } else if (Character.isSurrogate(c)) {
                    throw new JsonException("string: a lone surrogate at character " + i + " has no UTF-8 form");
                }
            }
        }
    }

    /** @param value from -{@link #MAX_INT} to {@link #MAX_INT} */
    record Int(long value) implements Json {
        public Int {
            if (value > MAX_INT || value < -MAX_INT) {
                throw outOfRange(BigInteger.valueOf(value));
            }
        }

        static JsonException outOfRange(BigInteger value) {
            return new JsonException("number: outside -(2^53-1) to 2^53-1; write it as a string: " + value);
        }
    }

    /** @param value true or false */
    record Bool(boolean value) implements Json {}

    /** The value {@code null}. */
    enum Null implements Json {
        NULL
    }
}
