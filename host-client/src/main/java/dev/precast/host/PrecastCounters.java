package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the cache does. Thread safe. */
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
            throw new AssertionError("every constant has a counter: " + constant);
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
    public void hit(ModuleDigest module, Tier tier) {
        of(hits, tier).increment();
    }

    @Override
    public void miss(ModuleDigest module, String reason) {
        misses.increment();
    }

    @Override
    public void refused(String what, Check check, String detail) {
        of(refused, check).increment();
    }

    @Override
    public void incompatible(ModuleDigest module, String why) {
        incompatible.increment();
    }

    @Override
    public void fallback(ModuleDigest module, Fallback fallback) {
        of(fallbacks, fallback).increment();
    }

    @Override
    public void swapped(ModuleDigest module) {
        swapped.increment();
    }

    @Override
    public void downloaded(long bytes) {
        downloadedBytes.add(bytes);
    }

    @Override
    public void evicted(int files, long bytes) {
        evictedFiles.add(files);
    }

    @Override
    public void degraded(String what) {
        degraded.increment();
    }
}
