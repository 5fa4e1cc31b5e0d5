package dev.precast.bench;

import java.io.IOException;
import java.nio.file.Path;

/** A fleet of one API replica and an S3 server, which knows some artifacts, and calls to both. */
record LookupSide(FleetSetting fleet, StoredArtifacts stored, StoreCalls calls) implements AutoCloseable {
    /** @param artifacts how many it knows to begin with */
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

    /** How many artifacts it knows. */
    String name() {
        return Integer.toString(stored.size());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        calls.close();
        fleet.close();
    }
}
