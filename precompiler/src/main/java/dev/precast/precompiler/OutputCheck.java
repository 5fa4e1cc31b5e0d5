package dev.precast.precompiler;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.FilePayload;
import dev.precast.artifact.Target;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleReader;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.module.CwasmFile;
import dev.precast.module.MalformedModuleException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Whether an output is what its lane says, as far as the supervisor can tell: what hosts would refuse fails here. */
final class OutputCheck {
    private OutputCheck() {}

    /**
     * Checks an output and finds its index, which only bundles have.
     *
     * @param file the supervisor's own copy
     * @throws UnusableOutputException if it is something else
     */
    static Optional<SizedDigest> index(Path file, LaneOffer offer) throws IOException, UnusableOutputException {
        return switch (offer.format()) {
            case EnginePack.JVM_BUNDLE -> Optional.of(checkBundle(file));
            case CwasmFile.FORMAT -> {
                requireLane(file, offer.lane().engineHash(), offer.lane().target());
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    /** Every entry too. */
    private static SizedDigest checkBundle(Path file) throws IOException, UnusableOutputException {
        try (FilePayload payload = new FilePayload(file)) {
            if (payload.size() < BundleIndex.HEADER_BYTES) {
                throw new BundleException("bundle: only " + payload.size() + " bytes");
            }
            int prefixBytes = BundleIndex.prefixBytes(payload.read(0, BundleIndex.HEADER_BYTES));
            if (prefixBytes > payload.size()) {
                throw new BundleException("bundle: index ends at " + prefixBytes + " of " + payload.size() + " bytes");
            }
            byte[] prefix = payload.read(0, prefixBytes);
            BundleIndex index = BundleIndex.parse(prefix, payload.size());
            BundleReader reader = new BundleReader(payload, index);
            for (BundleEntry entry : index.entries().values()) {
                reader.read(entry);
            }
            return new SizedDigest(Digest.of(prefix), prefixBytes);
        } catch (BundleException e) {
            throw new UnusableOutputException("the output is no bundle: " + e.getMessage());
        }
    }

    private static void requireLane(Path file, EngineHash engineHash, Target target)
            throws IOException, UnusableOutputException {
        CwasmFile cwasm = readCwasm(file);
        if (!architecture(target).equals(cwasm.architecture())) {
            throw new UnusableOutputException(
                    "the output is for " + cwasm.architecture() + ", expected code for " + target);
        }
        if (!cwasm.engineHash().equals(engineHash)) {
            throw new UnusableOutputException("the output's engine hash is " + cwasm.engineHash()
                    + ", expected that of the lane's probe, " + engineHash);
        }
    }

    /** @throws UnusableOutputException if Wasmtime did not write it */
    static CwasmFile readCwasm(Path file) throws IOException, UnusableOutputException {
        try {
            return CwasmFile.read(file);
        } catch (MalformedModuleException e) {
            throw new UnusableOutputException("the output is no cwasm: " + e.getMessage());
        }
    }

    /** What stands before the first hyphen of a triple. */
    private static String architecture(Target target) {
        return target.name().split("-", 2)[0];
    }
}
