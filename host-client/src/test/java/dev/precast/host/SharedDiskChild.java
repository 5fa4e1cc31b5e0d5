package dev.precast.host;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Random;

/**
 * One of the processes that share a disk cache. Loads random artifacts and reads all their entries, and again those of
 * artifacts that it loaded long ago.
 */
final class SharedDiskChild {
    static final int LOADS = 150;

    private SharedDiskChild() {}

    /** Arguments: cache folder, its limit, source folder, trust root, number of artifacts, their size, seed. */
    public static void main(String[] args) throws Exception {
        int artifacts = Integer.parseInt(args[4]);
        int bytes = Integer.parseInt(args[5]);
        Random random = new Random(Long.parseLong(args[6]));
        PrecastCounters counters = new PrecastCounters();
        PrecastListener listener = new Telling(counters);
        ArrayDeque<BundleLoader.Loaded> held = new ArrayDeque<>();
        for (int done = 0; done < LOADS; done += 10) {
            try (var precast = Precast.builder(new BundleLoader())
                    .source(new DirectorySource(Path.of(args[2])))
                    .trustRoot(args[3])
                    .diskCache(Path.of(args[0]), Long.parseLong(args[1]))
                    .onMiss(MissPolicy.fail())
                    .withoutListeners()
                    .listener(listener)
                    .build()) {
                for (int i = 0; i < 10; i++) {
                    int number = random.nextInt(artifacts);
                    BundleLoader.Loaded loaded = precast.load(Deployment.module(number), () -> Deployment.wasm(number));
                    held.add(loaded);
                    check(loaded.readAll(), bytes);
                    if (held.size() > 20) {
                        check(held.remove().readAll(), bytes);
                    }
                }
            }
        }
        System.out.println("disk " + counters.hits(PrecastEvent.Tier.DISK)
                + " source " + counters.hits(PrecastEvent.Tier.SOURCE)
                + " memory " + counters.hits(PrecastEvent.Tier.MEMORY)
                + " evicted " + counters.evictedFiles()
                + " degraded " + counters.degraded());
    }

    private static void check(int read, int expected) {
        if (read != expected) {
            throw new AssertionError("expected " + expected + " bytes of entries, read " + read);
        }
    }

    /** Prints refusals and degradations, and counts all events. */
    private record Telling(PrecastCounters counters) implements PrecastListener {
        @Override
        public void on(PrecastEvent event) {
            counters.on(event);
            if (event instanceof PrecastEvent.Refused refused) {
                System.out.println("refused " + refused.subject() + ": " + refused.detail());
            } else if (event instanceof PrecastEvent.Degraded degraded) {
                System.out.println(degraded.what());
            }
        }
    }
}
