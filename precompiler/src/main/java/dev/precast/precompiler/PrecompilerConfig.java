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
 * @param packs the engine packs
 * @param work a private folder of this worker for children's folders, outputs and caches, created if it does not exist
 * @param builder the builder's name in attestations and in the trust policy, not blank
 * @param slots number of concurrent compilations, 1 to 256
 * @param limits resource limits of a compilation
 * @param caps static limits of modules
 * @param times back-off and drain timeout
 */
public record PrecompilerConfig(
        Packs packs, Path work, String builder, int slots, Limits limits, StaticCaps caps, Times times) {
    /** Stands for the digests in the file {@code packs.sha256}. */
    public static final String BUNDLED = "bundled";

    /** @throws IllegalArgumentException if a part is out of range; the message names it */
    public PrecompilerConfig {
        work = work.toAbsolutePath().normalize();
        if (builder.isBlank()) {
            throw new IllegalArgumentException("builder: expected a name, found a blank text");
        }
        if (slots < 1 || slots > 256) {
            throw new IllegalArgumentException("slots: expected 1 to 256, found " + slots);
        }
    }

    /** The folder for children's folders. */
    Path jobs() {
        return work.resolve("jobs");
    }

    /** The folder for outputs, which children cannot reach. */
    Path outputs() {
        return work.resolve("out");
    }

    /**
     * The engine packs.
     *
     * @param folder a folder with one folder for each engine pack
     * @param allowed digests of the packs that may run; {@code bundled} stands for the digests in the file
     *     {@code packs.sha256} of that folder
     * @param confinement what must confine children
     */
    public record Packs(Path folder, Set<String> allowed, Confinement.Mode confinement) {
        /** @throws IllegalArgumentException if {@code allowed} contains anything but digests and {@code bundled} */
        public Packs {
            folder = folder.toAbsolutePath().normalize();
            allowed = Set.copyOf(allowed);
            allowed.stream().filter(entry -> !entry.equals(BUNDLED)).forEach(Digest::parse);
        }
    }

    /**
     * Times of a worker.
     *
     * @param retryBase back-off after the first failure of a key, more than zero, at most a day
     * @param drain maximum time that {@link Precompiler#close} waits for running compilations, zero or more
     */
    public record Times(Duration retryBase, Duration drain) {
        private static final Duration RETRY_MAX = Duration.ofDays(1);

        /** @throws IllegalArgumentException if a time is out of range; the message names it */
        public Times {
            if (!retryBase.isPositive() || retryBase.compareTo(RETRY_MAX) > 0) {
                throw new IllegalArgumentException(
                        "retry base: expected more than zero and at most a day, found " + retryBase);
            }
            if (drain.isNegative()) {
                throw new IllegalArgumentException("drain timeout: expected zero or more, found " + drain);
            }
        }

        /**
         * The back-off: {@code retryBase} after the first attempt, twice as long after each further one, at most a day.
         *
         * @param attempts attempts, or unfinished starts that delay the next one; at least 1
         */
        Duration backoff(int attempts) {
            Duration delay = retryBase;
            for (int i = 1; i < attempts && delay.compareTo(RETRY_MAX) < 0; i++) {
                delay = delay.multipliedBy(2);
            }
            return delay.compareTo(RETRY_MAX) < 0 ? delay : RETRY_MAX;
        }
    }
}
