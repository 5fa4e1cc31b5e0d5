package dev.precast.server;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * Whether the compilations of a worker fit into the memory of its machine or container. The kernel kills what does not fit,
 * and then modules fail that are innocent.
 *
 * @param slots number of concurrent compilations
 * @param memoryMb memory limit of one compilation, in MiB
 * @param totalMb memory of this machine or container, in MiB
 */
record MemoryFit(int slots, int memoryMb, long totalMb) {
    /** What the worker itself needs, in MiB. */
    private static final int OWN_MB = 512;

    static MemoryFit of(PrecastConfig config, int slots) {
        return new MemoryFit(slots, config.limits().memoryMb(), memoryOfThisMachine());
    }

    /** The default number of slots: half of the processors, but no more than fit, and at least one. */
    static int defaultSlots(PrecastConfig config) {
        return defaultSlots(
                Runtime.getRuntime().availableProcessors(), config.limits().memoryMb(), memoryOfThisMachine());
    }

    static int defaultSlots(int processors, int memoryMb, long totalMb) {
        long fitting = (totalMb - OWN_MB) / memoryMb;
        return (int) Math.max(1, Math.min(processors / 2, fitting));
    }

    /** The limit of the cgroup if there is one, otherwise the memory of the machine. */
    private static long memoryOfThisMachine() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize() >> 20;
    }

    /** What does not fit, for people; empty if all fits. */
    Optional<String> problem() {
        long needed = (long) slots * memoryMb + OWN_MB;
        return needed <= totalMb
                ? Optional.empty()
                : Optional.of(slots + " slots of " + memoryMb + " MiB and " + OWN_MB
                        + " MiB for the worker do not fit into the memory (expected at most " + totalMb
                        + " MiB, found " + needed
                        + " MiB); lower precast.slots or precast.limits.memory-mb, or give the"
                        + " worker more memory");
    }
}
