package dev.precast.s3;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentListing;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.DocumentNames;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Stores content as objects that are named by their digest. One {@code PutObject} writes each object atomically; the
 * store verifies the digest. Content is written to a temporary file first, because the request needs its size and
 * retries need its bytes.
 *
 * <p>Of two concurrent calls of {@link #delete} for the same content, both may return true.
 */
public final class S3ContentStore implements ContentStore, ContentListing {
    /** Maximum size of content in bytes: 5 GiB, the limit of {@code PutObject}. */
    public static final long MAX_BYTES = 5L << 30;

    /** An object younger than this is not written again; see {@link ContentListing.Entry#putAt}. */
    private static final Duration YOUNG = Duration.ofHours(1);

    private static final int HEX_DIGITS = 64;

    private final S3Objects objects;
    private final Path spool;
    private final boolean checksums;
    private final String prefix;
    private final InstantSource clock;

    S3ContentStore(Place place, String prefix, InstantSource clock) {
        this.objects = place.objects();
        this.spool = place.spool();
        this.checksums = place.checksums();
        this.prefix = prefix;
        this.clock = clock;
    }

    /**
     * @param spool folder for temporary files
     * @param checksums whether the server returns the SHA-256 of an object; if not, each put writes the content again
     */
    record Place(S3Objects objects, Path spool, boolean checksums) {}

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        long most = Math.min(maxBytes, MAX_BYTES);
        try (SpoolFile file = SpoolFile.open(spool)) {
            MessageDigest sha256 = Digest.sha256();
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (file.size() + n > most) {
                    return new Put.TooLarge(most);
                }
                sha256.update(buffer, 0, n);
                file.write(buffer, n);
            }
            Digest found = Digest.finish(sha256);
            if (expected != null && !expected.equals(found)) {
                return new Put.WrongDigest(found);
            }
            return new Put.Stored(found, file.size(), keep(file, found, ifStored));
        }
    }

    /**
     * Stores the file. With {@link IfStored#KEEP}, keeps an existing object if the store returns the digest as its
     * checksum and it is not older than {@link #YOUNG}. The store computed that checksum when the object was written.
     */
    private Before keep(SpoolFile file, Digest digest, IfStored ifStored) {
        String key = key(digest);
        Optional<S3Objects.Meta> there = meta(key);
        if (there.isEmpty()) {
            boolean created = objects.put(key, file.body(), digest, r -> r.ifNoneMatch("*"))
                    .isPresent();
            return created ? Before.ABSENT : Before.PRESENT;
        }
        boolean believed = there.get().sha256().filter(digest::equals).isPresent();
        boolean young = !there.get().putAt().isBefore(clock.instant().minus(YOUNG));
        if (ifStored == IfStored.REPLACE || !believed || !young) {
            objects.put(key, file.body(), digest, r -> {});
        }
        boolean damaged = there.get().size() != file.size() || isOther(there.get(), digest);
        return damaged ? Before.DAMAGED : Before.PRESENT;
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        return meta(key(digest))
                .filter(found -> !isOther(found, digest))
                .map(found -> new S3Blob(objects, key(digest), found.size()));
    }

    private Optional<S3Objects.Meta> meta(String key) {
        return checksums ? objects.findWithDigest(key) : objects.find(key);
    }

    /** Whether the store says that the object has other bytes; false if it says nothing. */
    private static boolean isOther(S3Objects.Meta found, Digest digest) {
        return found.sha256().filter(sha256 -> !sha256.equals(digest)).isPresent();
    }

    @Override
    public boolean delete(Digest digest) {
        return objects.find(key(digest)).isPresent() && objects.delete(key(digest), null);
    }

    @Override
    public List<Entry> contents(@Nullable Digest after, int max) {
        DocumentNames.checkedPage(max);
        List<Entry> entries = new ArrayList<>();
        String last = after == null ? prefix : key(after);
        // Skip names that are not digests: other software wrote these objects.
        while (entries.size() < max) {
            int wanted = max - entries.size();
            List<S3Object> page = objects.list(prefix, last, wanted);
            page.stream().flatMap(object -> entry(object).stream()).forEach(entries::add);
            if (page.size() < wanted) {
                break;
            }
            last = page.get(page.size() - 1).key();
        }
        return List.copyOf(entries);
    }

    private Optional<Entry> entry(S3Object object) {
        String hex = object.key().substring(prefix.length());
        return hex.matches("[0-9a-f]{" + HEX_DIGITS + "}")
                ? Optional.of(new Entry(new Digest(hex), object.size(), object.lastModified()))
                : Optional.empty();
    }

    private String key(Digest digest) {
        return prefix + digest.hex();
    }

    private record S3Blob(S3Objects objects, String key, long size) implements Blob {
        @Override
        public InputStream open() throws IOException {
            return open(0);
        }

        @Override
        public InputStream open(long from) throws IOException {
            return objects.open(key, from).orElseThrow(() -> new FileNotFoundException(key + ": object was deleted"));
        }
    }
}
