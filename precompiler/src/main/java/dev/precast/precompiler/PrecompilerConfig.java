package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.module.StaticCaps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * How a worker works.
 *
 * @param packs the folder of engine packs, one folder each
 * @param allowedPacks digests of the packs that may run; the word {@code bundled} stands for those that the file
 *     {@code packs.sha256} beside them lists
 * @param work a folder of this worker alone, made if it is not there: folders of children, output on its way to the
 *     store, caches
 * @param builder the name that attestations carry and the trust policy knows, not blank
 * @param slots how many compilations run at the same time, 1 to 256
 * @param limits what one compilation may use
 * @param caps what a module may declare before anything compiles it
 * @param retryBase how long a first failure stands; doubles with each child start up to {@link #RETRY_MAX}
 * @param grace how long {@link Precompiler#close} lets running compilations finish, zero or more
 * @param allowUnconfined whether to compile also where the system cannot keep children from opening what this process
 *     can open
 */
public record PrecompilerConfig(
        Path packs,
        Set<String> allowedPacks,
        Path work,
        String builder,
        int slots,
        Limits limits,
        StaticCaps caps,
        Duration retryBase,
        Duration grace,
        boolean allowUnconfined) {
    /** The word for the packs that are listed beside themselves. */
    public static final String BUNDLED = "bundled";
    /** The longest time that a failure stands. */
    public static final Duration RETRY_MAX = Duration.ofDays(1);
    /** What {@code grace} is unless somebody knows better. */
    public static final Duration GRACE = Duration.ofSeconds(30);

    /** @throws IllegalArgumentException if a part is out of its range, which the message names */
    public PrecompilerConfig {
        packs = packs.toAbsolutePath().normalize();
        work = work.toAbsolutePath().normalize();
        allowedPacks = Set.copyOf(allowedPacks);
        for (String allowed : allowedPacks) {
            if (!allowed.equals(BUNDLED)) {
                Digest.parse(allowed);
            }
        }
        if (builder.isBlank()) {
            throw new IllegalArgumentException("builder: expected a name, found nothing");
        }
        if (slots < 1 || slots > 256) {
            throw new IllegalArgumentException("slots: expected 1 to 256, found " + slots);
        }
        if (!retryBase.isPositive() || retryBase.compareTo(RETRY_MAX) > 0) {
            throw new IllegalArgumentException(
                    "retry base: expected more than nothing and at most a day, found " + retryBase);
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: expected zero or more, found " + grace);
        }
    }
}
