package dev.precast.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Decides how much a test tries: a sample in the fast tier ({@code ./mvnw verify}), everything in the full tier
 * ({@code -Pfull}). What the sample is changes from run to run, so that ten fast runs try about what a full one does.
 *
 * <p>Thread safe.
 */
public final class Scale {
    /** Name of the property that chooses the tier: {@code fast}, which is the default, or {@code full}. */
    public static final String TIER = "precast.test.tier";

    /** Name of the property that fixes the seed of every randomised test: a decimal {@code long}. */
    public static final String SEED = "precast.test.seed";

    private static final boolean FULL = System.getProperty(TIER, "fast").equals("full");
    private static final long RUN_SEED = Long.getLong(SEED, System.currentTimeMillis());

    private Scale() {}

    /**
     * The volume of a test.
     *
     * @param fast in the fast tier
     * @param full in the full tier
     */
    public static int of(int fast, int full) {
        return FULL ? full : fast;
    }

    /**
     * The random numbers of a test. The seed is printed; {@code -Dprecast.test.seed} repeats the run.
     *
     * @param test names the test in the line that is printed
     */
    public static Random random(Class<?> test) {
        return new Random(seed(test));
    }

    /** Prints and returns the seed of {@link #random}, for tests that hand it to another process. */
    public static long seed(Class<?> test) {
        System.out.println(
                test.getSimpleName() + ": seed " + RUN_SEED + " (repeat with -D" + SEED + "=" + RUN_SEED + ")");
        return RUN_SEED;
    }

    /**
     * The cases that a parameterised test runs: all in the full tier, in the fast tier a random choice.
     *
     * @param fast how many cases the fast tier runs
     * @return in the order of {@code all}
     */
    public static <T> List<T> sample(Class<?> test, List<T> all, int fast) {
        if (FULL || fast >= all.size()) {
            return all;
        }
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            positions.add(i);
        }
        Collections.shuffle(positions, random(test));
        return positions.subList(0, fast).stream().sorted().map(all::get).toList();
    }
}
