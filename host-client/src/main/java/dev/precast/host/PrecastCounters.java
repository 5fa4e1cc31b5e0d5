package dev.precast.host;

import dev.precast.attestation.Check;
import dev.precast.host.PrecastEvent.Fallback;
import dev.precast.host.PrecastEvent.Tier;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts the events of a cache. Thread safe. */
public final class PrecastCounters implements PrecastListener {
    private final Map<Tier, LongAdder> hits = adders(Tier.class);
    private final Map<Check, LongAdder> refused = adders(Check.class);
    private final Map<Fallback, LongAdder> fallbacks = adders(Fallback.class);
    private final LongAdder misses = new LongAdder();
    private final LongAdder incompatible = new LongAdder();
    private final LongAdder swapped = new LongAdder();
    private final LongAdder downloadedBytes = new LongAdder();
    private final LongAdder evictedFiles = new LongAdder();
    private final LongAdder degraded = new LongAdder();

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> LongAdder of(Map<E, LongAdder> adders, E constant) {
        LongAdder adder = adders.get(constant);
        if (adder == null) {
            throw new AssertionError("counter: missing for " + constant);
        }
        return adder;
    }

    public long hits(Tier tier) {
        return of(hits, tier).sum();
    }

    public long refused(Check check) {
        return of(refused, check).sum();
    }

    public long fallbacks(Fallback fallback) {
        return of(fallbacks, fallback).sum();
    }

    public long misses() {
        return misses.sum();
    }

    public long incompatible() {
        return incompatible.sum();
    }

    public long swapped() {
        return swapped.sum();
    }

    public long downloadedBytes() {
        return downloadedBytes.sum();
    }

    public long evictedFiles() {
        return evictedFiles.sum();
    }

    public long degraded() {
        return degraded.sum();
    }

    @Override
    public void on(PrecastEvent event) {
        if (event instanceof PrecastEvent.Hit hit) {
            of(hits, hit.tier()).increment();
        } else if (event instanceof PrecastEvent.Miss) {
            misses.increment();
        } else if (event instanceof PrecastEvent.Refused refusal) {
            of(refused, refusal.check()).increment();
        } else if (event instanceof PrecastEvent.Incompatible) {
            incompatible.increment();
        } else if (event instanceof PrecastEvent.FellBack fellBack) {
            of(fallbacks, fellBack.fallback()).increment();
        } else if (event instanceof PrecastEvent.Swapped) {
            swapped.increment();
        } else if (event instanceof PrecastEvent.Downloaded downloaded) {
            downloadedBytes.add(downloaded.bytes());
        } else if (event instanceof PrecastEvent.Evicted evicted) {
            evictedFiles.add(evicted.files());
        } else if (event instanceof PrecastEvent.Degraded) {
            degraded.increment();
        }
    }
}
