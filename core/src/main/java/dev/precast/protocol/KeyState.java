package dev.precast.protocol;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * The state of an artifact key, as the service reports it. States are not signed; readers must verify the envelope of
 * {@link Present}.
 *
 * <p>The answer to a compilation request can also be a problem, such as {@link ProblemCode#QUEUE_FULL}, which is not a
 * state of the key.
 */
public sealed interface KeyState {
    /** The value of the member {@code state}. */
    String label();

    /** The JSON form: {@code state} and the members of this state. */
    JsonObject toJson();

    /**
     * Reads the JSON form. Ignores unknown members; reads an unknown state as {@link Absent}.
     *
     * @throws IllegalArgumentException if a member is missing or has another form
     */
    static KeyState fromJson(JsonObject json) {
        return switch (json.string("state")) {
            case Present.LABEL ->
                new Present(json.object("attestation").canonical().getBytes(StandardCharsets.UTF_8));
            case Rejected.LABEL -> new Rejected(json.string("code"), text(json, "message"));
            case Failed.LABEL ->
                new Failed(text(json, "cause"), text(json, "message"), attempts(json), instant(json.string("retryAt")));
            case Compiling.LABEL -> new Compiling();
            default -> new Absent(json.find("stored").equals(Optional.of(Json.of(true))));
        };
    }

    /**
     * The artifact exists.
     *
     * @param envelope the attestation, a DSSE envelope as JSON, not verified; do not modify the array
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Present(byte[] envelope) implements KeyState {
        static final String LABEL = "present";

        @Override
        public String label() {
            return LABEL;
        }

        /** @throws JsonException if the envelope is not a JSON object */
        @Override
        public JsonObject toJson() {
            return named(this).with("attestation", Json.parse(envelope).asObject("attestation"));
        }

        /** Compares the envelopes' bytes. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Present that && Arrays.equals(envelope, that.envelope);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(envelope);
        }
    }

    /**
     * The module cannot be compiled in this lane; a retry does not help.
     *
     * @param code short and stable name of the reason, such as {@code invalid-module}
     * @param message for people
     */
    record Rejected(String code, String message) implements KeyState {
        static final String LABEL = "rejected";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public JsonObject toJson() {
            return named(this).with("code", code).with("message", message);
        }
    }

    /**
     * The compilation failed and is not retried before {@code retryAt}.
     *
     * @param cause {@code time}, {@code memory}, {@code output} or {@code crash}; empty if unknown
     * @param message for people
     * @param attempts number of compilations that failed because of the module so far; 0 if unknown
     * @param retryAt when a retry may help
     */
    record Failed(String cause, String message, int attempts, Instant retryAt) implements KeyState {
        static final String LABEL = "failed";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public JsonObject toJson() {
            return named(this)
                    .with("cause", cause)
                    .with("message", message)
                    .with("attempts", attempts)
                    .with("retryAt", retryAt.toString());
        }
    }

    /** The queue holds the key. The compilation is waiting or in progress. */
    record Compiling() implements KeyState {
        static final String LABEL = "compiling";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public JsonObject toJson() {
            return named(this);
        }
    }

    /**
     * The key has no artifact, no recorded failure or rejection, and no request in the queue.
     *
     * @param stored whether the store holds the module's bytes; false if unknown
     */
    record Absent(boolean stored) implements KeyState {
        static final String LABEL = "absent";

        @Override
        public String label() {
            return LABEL;
        }

        @Override
        public JsonObject toJson() {
            return named(this).with("stored", Json.of(stored));
        }
    }

    private static JsonObject named(KeyState state) {
        return JsonObject.EMPTY.with("state", state.label());
    }

    private static String text(JsonObject from, String name) {
        return from.find(name)
                .map(value -> value instanceof Json.Text text ? text.value() : "")
                .orElse("");
    }

    private static int attempts(JsonObject from) {
        return from.find("attempts").isPresent() ? (int) from.integer("attempts", 0, Integer.MAX_VALUE) : 0;
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new JsonException("retryAt: expected an RFC 3339 time, found \"" + text + "\"");
        }
    }
}
