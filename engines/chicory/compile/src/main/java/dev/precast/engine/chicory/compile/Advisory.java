package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.types.OpCode;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Something that the engine's compiler gets wrong, and what to do with a function that has it.
 *
 * @param id a short name
 * @param uses instructions that the function has, all of them
 * @param when conditions that hold for the function, all of them; there is at least one instruction or condition
 * @param then what to do
 * @param why the reason, in a sentence
 */
record Advisory(String id, Set<OpCode> uses, Set<Condition> when, Action then, String why) {
    /** A property of a function. */
    enum Condition {
        /**
         * Throws, calls or makes an object with more values than the compiler reserves slots for; the values are written
         * to the slots where a {@code try_table} keeps other values.
         */
        BOXES_VALUES,
        /** Catches an exception that carries a reference. */
        CATCHES_REFERENCES,
        /** Calls through a reference a function with more parameters than a JVM method can have. */
        MANY_PARAMETERS,
        /**
         * Ends with a block that has fewer results than the function, and a branch from it ends the function; see
         * {@link LastBlock}.
         */
        BRANCHES_PAST_LAST_BLOCK,
        /** Casts a reference to a type of functions that the module defines. */
        CASTS_TO_FUNCTION_TYPE,
        /** Is part of a cycle of tail calls, so that their number has no limit. */
        RECURSIVE_TAIL_CALLS,
        /** The interpreter runs the function's tail calls right; see {@link TailCalls}. */
        SAFE_TAIL_CALLS,
        /** The interpreter does not run the function's tail calls right. */
        UNSAFE_TAIL_CALLS,
        /** Has a loop with parameters and a branch to it; other loops lose theirs, see {@link BlockParameters}. */
        LOOPS_WITH_PARAMETERS,
        /** Is interpreted, for whatever reason. */
        INTERPRETED,
        /** Some function of the module is interpreted. */
        MIXED
    }

    /** What to do with a function. */
    enum Action {
        /** Interpret the function. */
        INTERPRET,
        /** Interpret all functions of the module. */
        INTERPRET_MODULE,
        /** Reject the module. */
        REJECT
    }

    Advisory {
        uses = Set.copyOf(uses);
        when = Set.copyOf(when);
        if (uses.isEmpty() && when.isEmpty()) {
            throw new JsonException("advisory " + id + ": expected an instruction in uses or a condition in when");
        }
        if (id.isBlank() || why.isBlank()) {
            throw new JsonException("advisory " + id + ": expected a text in id and why");
        }
    }

    /** @throws JsonException if a member is missing or unknown, or has an unknown value */
    static Advisory of(JsonObject json) {
        json.only("advisory", Set.of("id", "uses", "when", "then", "why"));
        String id = json.string("id");
        return new Advisory(
                id,
                values(OpCode.class, id, json.array("uses")),
                values(Condition.class, id, json.array("when")),
                value(Action.class, id, json.string("then")),
                json.string("why"));
    }

    private static <E extends Enum<E>> Set<E> values(Class<E> type, String id, List<Json> names) {
        Set<E> values = EnumSet.noneOf(type);
        names.forEach(name -> values.add(value(type, id, name.asString("advisory " + id))));
        return values;
    }

    private static <E extends Enum<E>> E value(Class<E> type, String id, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> text.equals(name(each)))
                .findFirst()
                .orElseThrow(() -> new JsonException(
                        "advisory " + id + ": unknown " + type.getSimpleName().toLowerCase(Locale.ROOT) + " " + text));
    }

    /** Instructions have the engine's names; words of this list have hyphens. */
    private static String name(Enum<?> value) {
        return value instanceof OpCode
                ? value.name()
                : value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
