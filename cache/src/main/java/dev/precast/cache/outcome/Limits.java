package dev.precast.cache.outcome;

import dev.precast.json.JsonObject;
import java.util.Set;

/**
 * Resource limits of a compilation.
 *
 * @param heapMb heap of a JVM child process, in MiB
 * @param memoryMb resident memory of the child process and its descendants together, in MiB
 * @param cpuSeconds CPU time of the child process and its descendants together, in seconds
 * @param wallSeconds elapsed time, in seconds
 * @param outputMb maximum size of the payload, in MiB
 */
public record Limits(int heapMb, int memoryMb, int cpuSeconds, int wallSeconds, int outputMb) {
    /** The defaults, which are enough for a 42 MB module in a JVM lane on two cores. */
    public static final Limits DEFAULT = new Limits(2048, 3072, 300, 300, 512);

    /** @throws IllegalArgumentException if a limit is not positive */
    public Limits {
        if (heapMb < 1 || memoryMb < 1 || cpuSeconds < 1 || wallSeconds < 1 || outputMb < 1) {
            throw new IllegalArgumentException("limits: expected at least 1 for each, found heap " + heapMb
                    + " MiB, memory "
                    + memoryMb + " MiB, CPU " + cpuSeconds + " s, wall " + wallSeconds + " s, output " + outputMb
                    + " MiB");
        }
    }

    /** Whether a compilation that failed with {@code cause} under {@code earlier} may succeed under these limits. */
    public boolean mayDoBetterThan(Limits earlier, CompileOutcome.Cause cause) {
        return switch (cause) {
            case TIME -> cpuSeconds > earlier.cpuSeconds || wallSeconds > earlier.wallSeconds;
            case MEMORY -> heapMb > earlier.heapMb || memoryMb > earlier.memoryMb;
            case OUTPUT -> outputMb > earlier.outputMb;
            case CRASH -> heapMb > earlier.heapMb || memoryMb > earlier.memoryMb || cpuSeconds > earlier.cpuSeconds;
        };
    }

    /** These limits, each raised to the value in {@code earlier} if that is higher. */
    Limits raisedTo(Limits earlier) {
        return new Limits(
                Math.max(heapMb, earlier.heapMb),
                Math.max(memoryMb, earlier.memoryMb),
                Math.max(cpuSeconds, earlier.cpuSeconds),
                Math.max(wallSeconds, earlier.wallSeconds),
                Math.max(outputMb, earlier.outputMb));
    }

    /** The JSON form: one member for each limit. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("heapMb", heapMb)
                .with("memoryMb", memoryMb)
                .with("cpuSeconds", cpuSeconds)
                .with("wallSeconds", wallSeconds)
                .with("outputMb", outputMb);
    }

    /** @throws dev.precast.json.JsonException if a member is missing, unknown or out of range */
    public static Limits fromJson(JsonObject json) {
        json.only("limits", Set.of("heapMb", "memoryMb", "cpuSeconds", "wallSeconds", "outputMb"));
        return new Limits(
                positive(json, "heapMb"),
                positive(json, "memoryMb"),
                positive(json, "cpuSeconds"),
                positive(json, "wallSeconds"),
                positive(json, "outputMb"));
    }

    private static int positive(JsonObject json, String name) {
        return (int) json.integer(name, 1, Integer.MAX_VALUE);
    }
}
