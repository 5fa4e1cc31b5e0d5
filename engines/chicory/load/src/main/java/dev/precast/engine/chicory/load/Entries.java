package dev.precast.engine.chicory.load;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleReader;
import java.io.IOException;

/** Reads entries at load time, when what is wrong with them is still a refusal. */
final class Entries {
    private Entries() {}

    static BundleEntry require(BundleReader bundle, String name) throws RefusedException {
        return bundle.index()
                .find(name)
                .orElseThrow(() -> new RefusedException(Check.INDEX, "the bundle has no entry " + name));
    }

    static byte[] read(BundleReader bundle, BundleEntry entry) throws IOException, RefusedException {
        try {
            return bundle.read(entry);
        } catch (BundleException e) {
            throw new RefusedException(Check.ENTRY, e.getMessage());
        }
    }

    /** What the JVM said against a class that passed our own check. */
    static RefusedException refuse(LinkageError e) {
        RefusedException refused = new RefusedException(Check.BYTECODE, e.toString());
        refused.initCause(e);
        return refused;
    }
}
