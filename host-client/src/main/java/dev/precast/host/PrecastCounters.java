package dev.precast.host;

import dev.precast.attestation.Check;
import dev.precast.host.PrecastEvent.Fallback;
import dev.precast.host.PrecastEvent.Tier;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts the events of a cache. Thread safe. */
public final class PrecastCounters implements PrecastListener {
    /** By tier, check, fallback, or else by the event's type. */
    private final Map<Object, LongAdder> counts = new ConcurrentHashMap<>();

    private long sum(Object of) {
        LongAdder count = counts.get(of);
        return count == null ? 0 : count.sum();
    }

    public long hits(Tier tier) {
        return sum(tier);
    }

    public long refused(Check check) {
        return sum(check);
    }

    public long fallbacks(Fallback fallback) {
        return sum(fallback);
    }

    public long misses() {
        return sum(PrecastEvent.Miss.class);
    }

    public long incompatible() {
        return sum(PrecastEvent.Incompatible.class);
    }

    public long swapped() {
        return sum(PrecastEvent.Swapped.class);
    }

    public long downloadedBytes() {
        return sum(PrecastEvent.Downloaded.class);
    }

    public long evictedFiles() {
        return sum(PrecastEvent.Evicted.class);
    }

    public long degraded() {
        return sum(PrecastEvent.Degraded.class);
    }

    /** How often the trust policy came a step closer to its expiry. */
    public long policyExpires() {
        return sum(PrecastEvent.PolicyExpires.class);
    }

    @Override
    public void on(PrecastEvent event) {
        Object of = event.getClass();
        long by = 1;
        if (event instanceof PrecastEvent.Hit hit) {
            of = hit.tier();
        } else if (event instanceof PrecastEvent.Refused refusal) {
            of = refusal.check();
        } else if (event instanceof PrecastEvent.FellBack fellBack) {
            of = fellBack.fallback();
        } else if (event instanceof PrecastEvent.Downloaded downloaded) {
            by = downloaded.bytes();
        } else if (event instanceof PrecastEvent.Evicted evicted) {
            by = evicted.files();
        }
        counts.computeIfAbsent(of, unseen -> new LongAdder()).add(by);
    }
}
