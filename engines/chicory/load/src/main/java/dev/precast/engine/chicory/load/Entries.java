package dev.precast.engine.chicory.load;

import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleReader;
import java.io.IOException;

/** Reads entries of a bundle; throws {@link RefusedException} for missing and wrong entries. */
final class Entries {
    private Entries() {}

    static BundleEntry require(BundleReader bundle, String name) throws RefusedException {
        return bundle.index()
                .find(name)
                .orElseThrow(() -> new RefusedException(Check.INDEX, "entry not found in the bundle: " + name));
    }

    static byte[] read(BundleReader bundle, BundleEntry entry) throws IOException, RefusedException {
        try {
            return bundle.read(entry);
        } catch (BundleException e) {
            throw new RefusedException(Check.ENTRY, e.getMessage());
        }
    }

    /** Converts the JVM's error about a class that passed {@link ClassVerifier}. */
    static RefusedException refuse(LinkageError e) {
        RefusedException refused = new RefusedException(Check.BYTECODE, e.toString());
        refused.initCause(e);
        return refused;
    }
}
