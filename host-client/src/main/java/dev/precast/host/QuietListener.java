package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;

/** Passes everything on and swallows what the host's listener throws: a metric is no reason to fail a load. */
final class QuietListener implements PrecastListener {
    private final PrecastListener to;

    QuietListener(PrecastListener to) {
        this.to = to;
    }

    private static void failed(RuntimeException e) {
        System.getLogger("dev.precast.host").log(System.Logger.Level.WARNING, "the listener failed", e);
    }

    @Override
    public void hit(ModuleDigest module, Tier tier) {
        try {
            to.hit(module, tier);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void miss(ModuleDigest module, String reason) {
        try {
            to.miss(module, reason);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void refused(String what, Check check, String detail) {
        try {
            to.refused(what, check, detail);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void incompatible(ModuleDigest module, String why) {
        try {
            to.incompatible(module, why);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void fallback(ModuleDigest module, Fallback fallback) {
        try {
            to.fallback(module, fallback);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void swapped(ModuleDigest module) {
        try {
            to.swapped(module);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void downloaded(long bytes) {
        try {
            to.downloaded(bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void evicted(int files, long bytes) {
        try {
            to.evicted(files, bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void degraded(String what) {
        try {
            to.degraded(what);
        } catch (RuntimeException e) {
            failed(e);
        }
    }
}
