package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;

/** Passes everything on and swallows what the host's listener throws: a metric is no reason to fail a load. */
final class QuietListener implements PrecastListener {
    private final PrecastListener to;

    QuietListener(PrecastListener to) {
        this.to = to;
    }

    private static void quietly(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            System.getLogger("dev.precast.host").log(System.Logger.Level.WARNING, "the listener failed", e);
        }
    }

    @Override
    public void hit(ModuleDigest module, Tier tier) {
        quietly(() -> to.hit(module, tier));
    }

    @Override
    public void miss(ModuleDigest module, String reason) {
        quietly(() -> to.miss(module, reason));
    }

    @Override
    public void refused(String what, Check check, String detail) {
        quietly(() -> to.refused(what, check, detail));
    }

    @Override
    public void fallback(ModuleDigest module, Fallback fallback) {
        quietly(() -> to.fallback(module, fallback));
    }

    @Override
    public void swapped(ModuleDigest module) {
        quietly(() -> to.swapped(module));
    }

    @Override
    public void downloaded(long bytes) {
        quietly(() -> to.downloaded(bytes));
    }

    @Override
    public void evicted(int files, long bytes) {
        quietly(() -> to.evicted(files, bytes));
    }

    @Override
    public void degraded(String what) {
        quietly(() -> to.degraded(what));
    }
}
