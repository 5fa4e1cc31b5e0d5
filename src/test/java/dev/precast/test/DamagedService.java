package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.artifact.Digest;
import dev.precast.host.service.ServiceClient;
import dev.precast.testkit.fleet.Fleet;
import dev.precast.testkit.fleet.FleetNode;
import dev.precast.testkit.fleet.RestCalls;
import io.nats.client.Connection;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;

/** A service whose stored files a test damages. */
interface DamagedService extends AutoCloseable {
    URI address();

    Path trustRoot();

    /** The data folder of the node that has the address. */
    Path data();

    /** The file of a document. */
    Path document(String name);

    /** The file of a content. */
    Path content(String store, Digest digest);

    /** Lets the service look at the stored lanes now, as when they have changed. */
    void announceLanes() throws IOException, InterruptedException;

    /** Kills the service's processes and starts new ones. */
    void restart() throws IOException, InterruptedException;

    @Override
    void close();

    default RestCalls rest() {
        return new RestCalls(address(), data());
    }

    default ServiceClient client() {
        return ServiceClient.builder(address()).localToken(data()).build();
    }

    /** Flips one bit of a file. The file keeps its size and its metadata. */
    static void flip(Path file, Random random) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long at = random.nextLong(channel.size());
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, at);
            one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(8))));
            channel.write(one.rewind(), at);
        }
    }

    static boolean isWhole(Path file, Digest digest) throws IOException {
        return Files.exists(file) && Digest.of(Files.readAllBytes(file)).equals(digest);
    }

    /** One process whose stores are in a folder. */
    final class OnFolder implements DamagedService {
        private final Path data;
        private final Path packs;
        private final String[] options;
        private LocalService service;

        OnFolder(Path data, Path packs, String... options) throws IOException, InterruptedException {
            this.data = data;
            this.packs = packs;
            this.options = options;
            this.service = LocalService.start(data, packs, options);
        }

        @Override
        public URI address() {
            return service.address();
        }

        @Override
        public Path trustRoot() {
            return service.trustRoot();
        }

        @Override
        public Path data() {
            return data;
        }

        @Override
        public Path document(String name) {
            return data.resolve("documents").resolve(name);
        }

        @Override
        public Path content(String store, Digest digest) {
            return data.resolve(store).resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
        }

        @Override
        public void announceLanes() {
            // A service without NATS looks each time.
        }

        @Override
        public void restart() throws IOException, InterruptedException {
            service.kill();
            service = LocalService.start(data, packs, options);
        }

        @Override
        public void close() {
            service.close();
        }
    }

    /** An API replica and a worker whose stores are on S3. */
    final class OnS3 implements DamagedService {
        private final Fleet fleet;
        private final String[] options;
        private FleetNode api;
        private FleetNode worker;

        OnS3(Path folder, Path packs, String... options) throws IOException, InterruptedException {
            this.fleet = Fleet.start(folder, packs, Fleet.SMALL);
            this.options = options;
            this.api = fleet.nodes().getFirst();
            this.worker = fleet.worker(options);
        }

        @Override
        public URI address() {
            return api.address();
        }

        @Override
        public Path trustRoot() {
            return fleet.trustRoot();
        }

        @Override
        public Path data() {
            return api.data();
        }

        @Override
        public Path document(String name) {
            return fleet.s3().objects().resolve("documents").resolve(name);
        }

        @Override
        public Path content(String store, Digest digest) {
            return fleet.s3().objects().resolve(store).resolve(digest.hex());
        }

        @Override
        public void announceLanes() throws IOException, InterruptedException {
            try (Connection worker = FleetNats.connect(fleet, "worker")) {
                worker.publish("precast.changes", "{\"v\":1,\"document\":\"lanes\"}".getBytes(UTF_8));
                worker.flushBuffer();
            }
        }

        @Override
        public void restart() throws IOException, InterruptedException {
            api.kill();
            worker.kill();
            api = fleet.api();
            worker = fleet.worker(options);
        }

        @Override
        public void close() {
            fleet.close();
        }
    }
}
