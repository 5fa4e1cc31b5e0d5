package dev.precast.cli;

import dev.precast.json.JsonObject;
import java.time.Duration;
import java.util.Locale;

/**
 * Estimates the CPU time of a compilation as a linear function of the size of the code and the number of functions. The
 * factors minimise the squared relative error on the corpus; see docs/explanation/cli.md.
 */
enum CompileCost {
    /** Chicory's default profile. */
    CHICORY(720, 760, 215),
    /** Wasmtime's default compiler. */
    CRANELIFT(257, 895, 115),
    /** Wasmtime's baseline compiler. */
    WINCH(278, 120, 82);

    private final double startMs;
    private final double msPerMbOfCode;
    private final double msPer1000Functions;

    CompileCost(double startMs, double msPerMbOfCode, double msPer1000Functions) {
        this.startMs = startMs;
        this.msPerMbOfCode = msPerMbOfCode;
        this.msPer1000Functions = msPer1000Functions;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Duration estimate(long codeBytes, long functions) {
        return Duration.ofMillis(
                Math.round(startMs + msPerMbOfCode * codeBytes / 1e6 + msPer1000Functions * functions / 1e3));
    }

    /** The estimates in milliseconds, as JSON. */
    static JsonObject toJson(long codeBytes, long functions, Iterable<CompileCost> by) {
        JsonObject json = JsonObject.EMPTY;
        for (CompileCost cost : by) {
            json = json.with(cost.label(), cost.estimate(codeBytes, functions).toMillis());
        }
        return json;
    }

    /** The estimates as text. */
    static String line(long codeBytes, long functions, Iterable<CompileCost> by) {
        StringBuilder line = new StringBuilder();
        for (CompileCost cost : by) {
            line.append(line.isEmpty() ? "about " : ", ")
                    .append(Units.time(cost.estimate(codeBytes, functions)))
                    .append(" by ")
                    .append(cost.label());
        }
        return line.append(" (CPU time)").toString();
    }
}
