package dev.precast.cache.worker;

import dev.precast.artifact.VisibleText;
import dev.precast.json.JsonObject;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * Why a worker that runs takes no requests.
 *
 * @param kind what is in trouble
 * @param reason the subject and its problem, for people: one line, cut after 300 characters
 */
public record Trouble(Kind kind, String reason) {
    private static final Set<String> MEMBERS = Set.of("kind", "reason");
    private static final int MOST_CHARACTERS = 300;

    /** Makes one visible line of the reason and cuts it, because it may come from another machine. */
    public Trouble {
        String line = VisibleText.line(reason.strip().replaceAll("\\s+", " "));
        int characters = line.codePointCount(0, line.length());
        reason = characters > MOST_CHARACTERS
                ? line.substring(0, line.offsetByCodePoints(0, MOST_CHARACTERS)) + "…"
                : line;
    }

    /** What is in trouble. */
    public enum Kind {
        /** The clock of the machine differs from the store's. */
        CLOCK,
        /** The disk of the data folder is full or cannot be written. */
        DISK,
        /** The machine lacks processes, memory or descriptors. */
        MACHINE,
        /** No trust policy accepts what the worker would sign. */
        POLICY,
        /** The queue does not answer. */
        QUEUE,
        /** The store does not answer, is full or refuses. */
        STORE,
        /** Anything else, such as an unexpected exception. */
        OTHER;

        /** Lower case, as in metrics and JSON. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The kind with this label; {@link #OTHER} if this version does not know it. */
        static Kind ofLabel(String label) {
            return Arrays.stream(values())
                    .filter(kind -> kind.label().equals(label))
                    .findFirst()
                    .orElse(OTHER);
        }
    }

    JsonObject toJson() {
        return JsonObject.EMPTY.with("kind", kind.label()).with("reason", reason);
    }

    /** @throws dev.precast.json.JsonException if a member is missing, unknown or has the wrong form */
    static Trouble fromJson(JsonObject json) {
        json.only("trouble", MEMBERS);
        return new Trouble(Kind.ofLabel(json.string("kind")), json.string("reason"));
    }

    /** The kind and the reason. */
    @Override
    public String toString() {
        return kind.label() + ": " + reason;
    }
}
