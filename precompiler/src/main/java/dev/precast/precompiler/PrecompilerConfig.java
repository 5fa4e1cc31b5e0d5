package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.Limits;
import dev.precast.module.StaticCaps;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * The configuration of a worker.
 *
 * @param packs a folder with one folder for each engine pack
 * @param allowedPacks digests of the packs that may run; {@code bundled} stands for the digests in the file
 *     {@code packs.sha256} of that folder
 * @param work a private folder of this worker for children's folders, outputs and caches, created if it does not exist
 * @param builder the builder's name in attestations and in the trust policy, not blank
 * @param slots number of concurrent compilations, 1 to 256
 * @param limits resource limits of a compilation
 * @param caps static limits of modules
 * @param retryBase back-off after the first failure; doubles with each child start up to {@link #RETRY_MAX}
 * @param grace maximum time that {@link Precompiler#close} waits for running compilations, zero or more
 * @param allowUnconfined whether to compile on systems that cannot keep children from opening this process's files
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
    /** Stands for the digests in the file {@code packs.sha256}. */
    public static final String BUNDLED = "bundled";
    /** The maximum back-off. */
    public static final Duration RETRY_MAX = Duration.ofDays(1);
    /** The default of {@code grace}. */
    public static final Duration GRACE = Duration.ofSeconds(30);

    /** @throws IllegalArgumentException if a part is out of range; the message names it */
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
            throw new IllegalArgumentException("builder: expected a name, found a blank text");
        }
        if (slots < 1 || slots > 256) {
            throw new IllegalArgumentException("slots: expected 1 to 256, found " + slots);
        }
        if (!retryBase.isPositive() || retryBase.compareTo(RETRY_MAX) > 0) {
            throw new IllegalArgumentException(
                    "retry base: expected more than zero and at most a day, found " + retryBase);
        }
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: expected zero or more, found " + grace);
        }
    }
}
