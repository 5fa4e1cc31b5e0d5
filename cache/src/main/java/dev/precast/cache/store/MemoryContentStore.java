package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Content in memory: the reference implementation, for tests and for processes without a disk. */
public final class MemoryContentStore implements ContentStore, ContentListing {
    /** Maximum size of content in bytes, a limit of arrays. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 16;

    private final ConcurrentNavigableMap<Digest, Content> contents = new ConcurrentSkipListMap<>();
    private final InstantSource clock;

    public MemoryContentStore() {
        this(InstantSource.system());
    }

    /** @param clock tells when content was put */
    public MemoryContentStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Put put(InputStream in, @Nullable Digest expected, long maxBytes, IfStored ifStored) throws IOException {
        byte[] bytes = in.readNBytes((int) Math.min(maxBytes, MAX_ARRAY));
        if (in.read() >= 0) {
            return new Put.TooLarge(maxBytes);
        }
        Digest found = Digest.of(bytes);
        if (expected != null && !expected.equals(found)) {
            return new Put.WrongDigest(found);
        }
        Content before = contents.put(found, new Content(bytes, clock.instant()));
        return new Put.Stored(found, bytes.length, before == null ? Before.ABSENT : before.state(found));
    }

    /**
     * Sets the bytes under a digest without any check, as damage of a disk would do; for tests.
     *
     * @param bytes must not be modified afterwards
     */
    public void damage(Digest digest, byte[] bytes) {
        contents.computeIfPresent(digest, (d, content) -> new Content(bytes, content.putAt()));
    }

    @Override
    public Optional<Blob> find(Digest digest) {
        return Optional.ofNullable(contents.get(digest)).map(content -> Blob.of(content.bytes()));
    }

    @Override
    public boolean delete(Digest digest) {
        return contents.remove(digest) != null;
    }

    @Override
    public List<Entry> contents(@Nullable Digest after, int max) {
        return (after == null ? contents : contents.tailMap(after, false))
                .entrySet().stream()
                        .limit(DocumentNames.checkedPage(max))
                        .map(e -> new Entry(
                                e.getKey(),
                                e.getValue().bytes().length,
                                e.getValue().putAt()))
                        .toList();
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Content(byte[] bytes, Instant putAt) {
        Before state(Digest digest) {
            return Digest.of(bytes).equals(digest) ? Before.PRESENT : Before.DAMAGED;
        }
    }
}
