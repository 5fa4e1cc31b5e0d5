package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FilePayload;
import dev.precast.artifact.Payload;
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
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Every check that does not need to load anything, over a whole artifact.
 *
 * @param attestation what was signed
 * @param entries how many entries of its bundle were verified; 0 for formats without an index
 * @param classes how many of them were checked as a host's load side does; empty if this command line has not the load
 *     side of exactly that engine
 */
record Verification(Attestation attestation, int entries, OptionalInt classes) {
    /** @throws RefusedException naming the first check that failed */
    static Attestation attestation(byte[] envelope, Digest key, TrustPolicy policy, InstantSource clock)
            throws RefusedException {
        return new AttestationVerifier(() -> policy, clock).verify(envelope, key, false);
    }

    /** @throws RefusedException naming the first check that failed */
    static Verification payload(Attestation attestation, TrustPolicy policy, Path file)
            throws IOException, RefusedException {
        SizedDigest signed = attestation.payload();
        SizedDigest found = new SizedDigest(Modules.digestOf(file), Files.size(file));
        if (!found.equals(signed)) {
            throw new RefusedException(
                    Check.PAYLOAD,
                    file + ": expected " + signed.digest() + " of " + signed.size() + " bytes, found " + found.digest()
                            + " of " + found.size());
        }
        if (attestation.index().isEmpty()) {
            return new Verification(attestation, 0, OptionalInt.empty());
        }
        try (FilePayload payload = new FilePayload(file)) {
            return bundle(attestation, attestation.index().get(), policy, payload);
        }
    }

    private static Verification bundle(
            Attestation attestation, SizedDigest signedIndex, TrustPolicy policy, Payload payload)
            throws IOException, RefusedException {
        BundleIndex index;
        try {
            index = BundleIndex.read(payload, signedIndex.size(), signedIndex.digest());
        } catch (BundleException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
        Optional<HostEngine.ClassCheck> check = HostEngine.ALL.stream()
                .filter(engine -> engine.id().equals(attestation.lane().engine()))
                .findFirst()
                .map(engine -> engine.classCheck(policy.extraMembers()));
        BundleReader reader = new BundleReader(payload, index);
        int classes = 0;
        for (BundleEntry entry : index.entries().values()) {
            byte[] bytes;
            try {
                bytes = reader.read(entry);
            } catch (BundleException e) {
                throw new RefusedException(Check.ENTRY, e.getMessage());
            }
            if (check.isPresent() && check.get().verify(entry.name(), bytes)) {
                classes++;
            }
        }
        return new Verification(
                attestation, index.entries().size(), check.isPresent() ? OptionalInt.of(classes) : OptionalInt.empty());
    }

    JsonObject toJson() {
        JsonObject json = JsonObject.EMPTY
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
        return classes.isPresent() ? json.with("classes", classes.getAsInt()) : json;
    }

    String line() {
        return "verified  key " + attestation.key().digest() + "\n  module  " + attestation.module() + "\n  engine  "
                + attestation.lane().engine() + " on " + attestation.lane().target() + ", built by "
                + attestation.builder() + " with " + attestation.runtime() + "\n  payload "
                + attestation.payload().digest() + ", "
                + Units.bytes(attestation.payload().size()) + ", " + entries
                + " entries, "
                + (classes.isPresent()
                        ? "bytecode of " + classes.getAsInt() + " classes checked"
                        : "bytecode not checked: no load side of this engine here");
    }
}
