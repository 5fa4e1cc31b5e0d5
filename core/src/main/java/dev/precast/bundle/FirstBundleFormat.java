package dev.precast.bundle;

import dev.precast.artifact.Lane;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.load.PayloadFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The first format of bundles. Its container is that of {@link BundleFormat}; its classes make indirect calls
 * themselves, so the JVM loaders no longer ask for it. Services, workers and the command line read it, so that packs of
 * revision 1 run during a rollout.
 */
public final class FirstBundleFormat implements PayloadFormat {
    private final PayloadFormat container = new BundleFormat();

    @Override
    public String name() {
        return "jvm-bundle/1";
    }

    @Override
    public Optional<SizedDigest> check(Path file, Lane lane) throws IOException, RefusedException {
        return container.check(file, lane);
    }
}
