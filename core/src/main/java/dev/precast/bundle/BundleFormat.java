package dev.precast.bundle;

import dev.precast.artifact.Digest;
import dev.precast.artifact.FilePayload;
import dev.precast.artifact.Lane;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.load.PayloadFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The format of bundles, the payloads of the JVM engines. {@link #check} verifies the index and every entry. */
public final class BundleFormat implements PayloadFormat {
    /** The format's name. Each change to what bundles contain increases the number in the name. */
    public static final String NAME = "jvm-bundle/2";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<SizedDigest> check(Path file, Lane lane) throws IOException, RefusedException {
        try (FilePayload payload = new FilePayload(file)) {
            if (payload.size() < BundleIndex.HEADER_BYTES) {
                throw new BundleException(
                        "bundle: expected at least " + BundleIndex.HEADER_BYTES + " bytes, found " + payload.size());
            }
            int prefixBytes = BundleIndex.prefixBytes(payload.read(0, BundleIndex.HEADER_BYTES));
            if (prefixBytes > payload.size()) {
                throw new BundleException("bundle: header and index are larger than the file (expected at most "
                        + payload.size() + " bytes, found " + prefixBytes + ")");
            }
            byte[] prefix = payload.read(0, prefixBytes);
            BundleIndex index = BundleIndex.parse(prefix, payload.size());
            BundleReader reader = new BundleReader(payload, index);
            for (BundleEntry entry : index.entries().values()) {
                reader.read(entry);
            }
            return Optional.of(new SizedDigest(Digest.of(prefix), prefixBytes));
        } catch (BundleException e) {
            throw new RefusedException(Check.INDEX, e.getMessage());
        }
    }
}
