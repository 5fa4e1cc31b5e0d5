package dev.precast.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Decides how much a test tries: a sample in the fast tier ({@code ./mvnw verify}), everything in the full tier
 * ({@code -Pfull}). The number of the run chooses the sample: it is the seed of all random numbers, and consecutive runs
 * take consecutive slices, so that ten fast runs try about what a full one does.
 *
 * <p>Thread safe.
 */
public final class Scale {
    /** Name of the property that chooses the tier: {@code fast}, which is the default, or {@code full}. */
    public static final String TIER = "precast.test.tier";

    /**
     * Name of the property that fixes the number of the run: a decimal {@code long}. {@code mvnw} increments it for
     * each run.
     */
    public static final String SEED = "precast.test.seed";

    private static final boolean FULL = System.getProperty(TIER, "fast").equals("full");
    private static final long RUN = Long.getLong(SEED, System.currentTimeMillis());

    private Scale() {}

    /**
     * How much a test tries.
     *
     * @param fast in the fast tier
     * @param full in the full tier
     */
    public static int of(int fast, int full) {
        return FULL ? full : fast;
    }

    /**
     * The random numbers of a test. The number of the run is printed; {@code -Dprecast.test.seed} repeats it.
     *
     * @param test names the test in the line that is printed
     */
    public static Random random(Class<?> test) {
        return new Random(seed(test));
    }

    /** Prints the number of the run; returns the seed of {@link #random}, for tests that hand it to another process. */
    public static long seed(Class<?> test) {
        print(test);
        // Neighbouring seeds give neighbouring first numbers, so the seed is spread over all bits.
        return RUN * 0x9e3779b97f4a7c15L;
    }

    /**
     * The cases that a parameterised test runs: all in the full tier, one slice in the fast tier. The order in which
     * cases are divided into slices never changes, so that as many runs as there are slices try every case.
     *
     * @param fast how many cases the fast tier runs, at least 1
     * @return in the order of {@code all}
     */
    public static <T> List<T> sample(Class<?> test, List<T> all, int fast) {
        if (FULL || fast >= all.size()) {
            return all;
        }
        print(test);
        return slice(RUN, all, fast);
    }

    static <T> List<T> slice(long run, List<T> all, int size) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            positions.add(i);
        }
        Collections.shuffle(positions, new Random(all.size()));
        int slices = (all.size() + size - 1) / size;
        int from = Math.min(Math.floorMod(run, slices) * size, all.size() - size);
        return positions.subList(from, from + size).stream()
                .sorted()
                .map(all::get)
                .toList();
    }

    private static void print(Class<?> test) {
        System.out.println(test.getSimpleName() + ": run " + RUN + " (repeat with -D" + SEED + "=" + RUN + ")");
    }
}
