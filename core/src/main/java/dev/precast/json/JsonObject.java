package dev.precast.json;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A JSON object with its members in canonical order. Typed accessors name the member in their errors.
 *
 * @param members by name, in UTF-16 order
 */
public record JsonObject(Map<String, Json> members) implements Json {
    /** The object without members. */
    public static final JsonObject EMPTY = new JsonObject(Map.of());

    /** @throws JsonException if a name has a lone surrogate */
    public JsonObject {
        for (String name : members.keySet()) {
            Text.requireUnicode(name);
        }
        members = Collections.unmodifiableMap(new TreeMap<>(members));
    }

    /** A new object with one member added or replaced. */
    public JsonObject with(String name, Json value) {
        Map<String, Json> more = new TreeMap<>(members);
        more.put(name, value);
        return new JsonObject(more);
    }

    public JsonObject with(String name, String value) {
        return with(name, Json.of(value));
    }

    public JsonObject with(String name, long value) {
        return with(name, Json.of(value));
    }

    /** The member, if it is present. */
    public Optional<Json> find(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** @throws JsonException if the member is missing */
    public Json get(String name) {
        Json value = members.get(name);
        if (value == null) {
            throw new JsonException(name + ": missing");
        }
        return value;
    }

    /** @throws JsonException if the member is missing or not an object */
    public JsonObject object(String name) {
        return get(name).asObject(name);
    }

    /** @throws JsonException if the member is missing or not an array */
    public List<Json> array(String name) {
        return get(name).asArray(name);
    }

    /** @throws JsonException if the member is missing or not a string */
    public String string(String name) {
        return get(name).asString(name);
    }

    /** @throws JsonException if the member is missing, not an integer, or outside {@code min..max} */
    public long integer(String name, long min, long max) {
        Json value = get(name);
        if (value instanceof Json.Int number && number.value() >= min && number.value() <= max) {
            return number.value();
        }
        throw JsonException.expected(name, "an integer from " + min + " to " + max, value);
    }

    /** @throws JsonException if a member's name is not in {@code names}; the message starts with {@code what} */
    public JsonObject only(String what, Set<String> names) {
        for (String name : members.keySet()) {
            if (!names.contains(name)) {
                throw new JsonException(what + ": unknown member \"" + name + "\"; known members: "
                        + names.stream().sorted().toList());
            }
        }
        return this;
    }

    @Override
    public String toString() {
        return canonical();
    }
}
