package dev.precast.bench;

import dev.precast.launcher.Installation;
import dev.precast.s3.S3Config;
import dev.precast.s3.S3Stores;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.server.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/**
 * A fleet of one API replica and an S3 server with artifacts, and the calls to both.
 *
 * @param stores the contents of the bucket, read and written as the replica does
 */
record LookupSide(Fleet fleet, S3Stores stores, StoredArtifacts stored, StoreCalls calls) implements AutoCloseable {
    /** @param artifacts initial number of artifacts */
    static LookupSide start(Path folder, int artifacts) throws IOException, InterruptedException {
        return start(folder, artifacts, List.of());
    }

    /** @param options JVM options of the replica */
    static LookupSide start(Path folder, int artifacts, List<String> options) throws IOException, InterruptedException {
        Fleet fleet = Fleet.start(folder, Installation.current().packs(), options);
        try {
            S3Stores stores = stores(fleet, folder.resolve("spool"));
            StoredArtifacts stored = new StoredArtifacts(stores, fleet.signingKey());
            stored.putUpTo(artifacts);
            String replica = fleet.nodes().getFirst().address().toString();
            return new LookupSide(fleet, stores, stored, new StoreCalls(replica, stores.payloads(), stored));
        } catch (IOException | RuntimeException | InterruptedException e) {
            fleet.close();
            throw e;
        }
    }

    private static S3Stores stores(Fleet fleet, Path spool) {
        // The stores get their credentials from the SDK's default chain.
        System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
        S3Config config = new S3Config(
                S3Server.BUCKET,
                "",
                new S3Config.Server(fleet.s3().endpoint(), S3Server.REGION, true),
                S3Config.Calls.DEFAULT,
                spool);
        return S3Stores.open(config, InstantSource.system());
    }

    /** The name in reports: the number of artifacts. */
    String name() {
        return Integer.toString(stored.size());
    }

    @Override
    public void close() throws IOException {
        calls.close();
        stores.close();
        fleet.close();
    }
}
