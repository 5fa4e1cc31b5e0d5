package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FilePayload;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Every check that does not need an engine, over a whole artifact.
 *
 * @param attestation what was signed
 * @param entries how many entries of its bundle were verified; 0 for formats without an index
 */
record Verification(Attestation attestation, int entries) {
    /** @throws RefusedException naming the first check that failed */
    static Attestation attestation(byte[] envelope, Digest key, TrustPolicy policy, InstantSource clock)
            throws RefusedException {
        return new AttestationVerifier(() -> policy, clock).verify(envelope, key, false);
    }

    /** @throws RefusedException naming the first check that failed */
    static Verification payload(Attestation attestation, Path payload) throws IOException, RefusedException {
        SizedDigest signed = attestation.payload();
        SizedDigest found = new SizedDigest(Modules.digestOf(payload), Files.size(payload));
        if (!found.equals(signed)) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    payload + ": expected " + signed.digest() + " of " + signed.size() + " bytes, found "
                            + found.digest() + " of " + found.size());
        }
        return new Verification(
                attestation,
                attestation.index().isPresent() ? entries(attestation.index().get(), payload) : 0);
    }

    private static int entries(SizedDigest signed, Path file) throws IOException, RefusedException {
        try (FilePayload payload = new FilePayload(file)) {
            BundleIndex index;
            try {
                index = BundleIndex.read(payload, signed.size(), signed.digest());
            } catch (BundleException e) {
                throw new RefusedException(Check.INDEX, e.getMessage());
            }
            BundleReader reader = new BundleReader(payload, index);
            try {
                for (BundleEntry entry : index.entries().values()) {
                    reader.read(entry);
                }
            } catch (BundleException e) {
                throw new RefusedException(Check.ENTRY, e.getMessage());
            }
            return index.entries().size();
        }
    }

    JsonObject toJson() {
        return JsonObject.EMPTY
                .with("key", attestation.key().digest().toString())
                .with("module", attestation.module().toString())
                .with("engine", attestation.lane().engine().toString())
                .with("target", attestation.lane().target().toString())
                .with("format", attestation.format())
                .with("payload", attestation.payload().digest().toString())
                .with("bytes", attestation.payload().size())
                .with("entries", entries)
                .with("pack", attestation.pack().toString())
                .with("builder", attestation.builder())
                .with("runtime", attestation.runtime())
                .with("finishedOn", attestation.finishedOn().toString());
    }

    String line() {
        return "verified  key " + attestation.key().digest() + "\n  module  " + attestation.module() + "\n  engine  "
                + attestation.lane().engine() + " on " + attestation.lane().target() + ", built by "
                + attestation.builder() + " with " + attestation.runtime() + "\n  payload "
                + attestation.payload().digest() + ", "
                + Units.bytes(attestation.payload().size()) + ", " + entries
                + " entries";
    }
}
