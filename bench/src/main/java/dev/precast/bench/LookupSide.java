package dev.precast.bench;

import java.io.IOException;
import java.nio.file.Path;

/** A fleet of one API replica and an S3 server with artifacts, and the calls to both. */
record LookupSide(FleetSetting fleet, StoredArtifacts stored, StoreCalls calls) implements AutoCloseable {
    /** @param artifacts initial number of artifacts */
    static LookupSide start(Path home, Path folder, int artifacts) throws IOException, InterruptedException {
        FleetSetting fleet = FleetSetting.start(home, folder);
        try {
            StoredArtifacts stored = new StoredArtifacts(fleet);
            stored.putUpTo(artifacts);
            return new LookupSide(
                    fleet,
                    stored,
                    new StoreCalls(fleet.api().address(), fleet.stores().payloads(), stored));
        } catch (IOException | RuntimeException | InterruptedException e) {
            fleet.close();
            throw e;
        }
    }

    /** The name: the number of artifacts. */
    String name() {
        return Integer.toString(stored.size());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        calls.close();
        fleet.close();
    }
}
