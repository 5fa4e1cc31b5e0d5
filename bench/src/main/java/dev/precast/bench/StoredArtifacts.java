package dev.precast.bench;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleFormat;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.DocumentNames;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.s3.S3Stores;
import dev.precast.testkit.fleet.Fleet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Artifacts in the bucket of a fleet, written as a worker writes them: an attestation for each, and payloads of random
 * bytes. Artifacts beyond the first {@link #PAYLOADS} share payloads. The artifacts are looked up and downloaded, but
 * never loaded.
 */
final class StoredArtifacts {
    static final int PAYLOAD_BYTES = 100_000;
    private static final int PAYLOADS = 1000;
    private static final int WRITERS = 8;

    private final S3Stores stores;
    private final SigningKey signing;
    private final Lane lane = new ChicoryLoader().lanes().getFirst();
    private final List<One> all = new ArrayList<>();
    private final Map<Integer, Kept> kept = new ConcurrentHashMap<>();

    /** @param signing the key that the fleet's policy trusts */
    StoredArtifacts(S3Stores stores, SigningKey signing) {
        this.stores = stores;
        this.signing = signing;
    }

    /**
     * An artifact.
     *
     * @param payload digest of the payload
     * @param blob the payload in the store
     */
    record One(ArtifactKey key, Digest payload, Blob blob) {}

    int size() {
        return all.size();
    }

    /** At most {@code most} artifacts, from number {@code from} on. */
    List<One> some(int from, int most) {
        return all.subList(Math.min(from, all.size()), Math.min(from + most, all.size()));
    }

    One any() {
        return all.get(ThreadLocalRandom.current().nextInt(all.size()));
    }

    /** Adds artifacts until there are {@code count}. Not thread safe. */
    void putUpTo(int count) throws IOException, InterruptedException {
        try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<One>> running = new ArrayList<>();
            for (int i = all.size(); i < count; i++) {
                int number = i;
                running.add(writers.submit(() -> put(number)));
            }
            for (Future<One> one : running) {
                all.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IOException("artifact: cannot be stored: " + e.getCause(), e);
        }
    }

    private One put(int number) throws IOException {
        return put(number, payload(number % PAYLOADS));
    }

    /** Adds an artifact with a large payload, which {@link #any} does not return. */
    One putLarge(int bytes) throws IOException {
        return put(-1, stored(-1, bytes));
    }

    private One put(int number, Kept payload) throws IOException {
        Instant now = Instant.now();
        Attestation attestation = new Attestation(
                ModuleDigest.of(
                        ByteBuffer.allocate(Integer.BYTES).putInt(number).array()),
                Integer.BYTES,
                lane,
                BundleFormat.NAME,
                payload.digest(),
                Optional.empty(),
                Optional.of(payload.digest()),
                Digest.of("bench".getBytes(StandardCharsets.US_ASCII)),
                "java " + Runtime.version(),
                Fleet.BUILDER,
                now,
                now);
        String name = DocumentNames.attestation(attestation.key());
        byte[] signed = attestation.sign(signing).toJson();
        if (stores.documents().put(name, signed, null).isEmpty()) {
            throw new IOException(name + ": an attestation exists already (expected none)");
        }
        return new One(attestation.key(), payload.digest().digest(), payload.blob());
    }

    private Kept payload(int number) {
        return kept.computeIfAbsent(number, n -> {
            try {
                return stored(n, PAYLOAD_BYTES);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Kept stored(int seed, int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        SizedDigest digest = new SizedDigest(Digest.of(bytes), bytes.length);
        ContentStore payloads = stores.payloads();
        payloads.put(new ByteArrayInputStream(bytes), digest.digest(), size);
        return new Kept(
                digest,
                payloads.find(digest.digest())
                        .orElseThrow(() ->
                                new IllegalStateException("payload " + digest.digest() + ": stored, but not found")));
    }

    private record Kept(SizedDigest digest, Blob blob) {}
}
