package dev.precast.host;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Check;
import java.lang.System.Logger.Level;

/** What a host hears that gave no listener: the platform's logger says what is wrong. */
final class LogListener implements PrecastListener {
    @Override
    public void refused(String what, Check check, String detail) {
        System.getLogger("dev.precast.host").log(Level.WARNING, "refused " + what + ": " + detail);
    }

    @Override
    public void incompatible(ModuleDigest module, String why) {
        System.getLogger("dev.precast.host")
                .log(Level.WARNING, "module " + module + " loads, but cannot be instantiated here: " + why);
    }

    @Override
    public void degraded(String what) {
        System.getLogger("dev.precast.host").log(Level.WARNING, what);
    }
}
