package dev.precast.bundle;

import dev.precast.artifact.Digest;
import dev.precast.artifact.Payload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The index of a bundle. {@code docs/artifact-format.md} defines the layout: header, index, then entries without gaps,
 * sorted by name.
 *
 * <p>Immutable and thread safe.
 */
public final class BundleIndex {
    /** Version of the layout that this code reads and writes. */
    public static final int VERSION = 1;
    /** Size of the header in bytes. */
    public static final int HEADER_BYTES = 32;
    /** Maximum size of header and index together, in bytes. */
    public static final int MAX_PREFIX_BYTES = 32 << 20;

    static final byte[] MAGIC = "pcbundle".getBytes(StandardCharsets.US_ASCII);
    static final int FIXED_ENTRY_BYTES = 8 + 8 + 32 + 2;

    private final TreeMap<String, BundleEntry> entries;
    private final long totalBytes;

    private BundleIndex(TreeMap<String, BundleEntry> entries, long totalBytes) {
        this.entries = entries;
        this.totalBytes = totalBytes;
    }

    /**
     * Reads the index of a payload and verifies it. Fetches the payload again once if the index is damaged.
     *
     * @param prefixBytes signed size of header and index, in bytes
     * @param signed signed digest of header and index
     * @throws BundleException if the signed size is out of range, or the bytes do not have the signed digest or violate
     *     the layout
     */
    public static BundleIndex read(Payload payload, long prefixBytes, Digest signed)
            throws IOException, BundleException {
        if (prefixBytes < HEADER_BYTES || prefixBytes > MAX_PREFIX_BYTES) {
            throw new BundleException("bundle index: signed size out of range (expected " + HEADER_BYTES + " to "
                    + MAX_PREFIX_BYTES + " bytes, found " + prefixBytes + ")");
        }
        try {
            return readOnce(payload, (int) prefixBytes, signed);
        } catch (BundleException | EOFException e) {
            if (!payload.refetch()) {
                throw e;
            }
            return readOnce(payload, (int) prefixBytes, signed);
        }
    }

    private static BundleIndex readOnce(Payload payload, int prefixBytes, Digest signed)
            throws IOException, BundleException {
        byte[] prefix = payload.read(0, prefixBytes);
        Digest found = Digest.of(prefix);
        if (!found.equals(signed)) {
            throw new BundleException("bundle index: wrong digest (expected " + signed + ", found " + found + ")");
        }
        return parse(prefix, payload.size());
    }

    /**
     * Reads header and index.
     *
     * @param prefix the bytes of header and index
     * @param payloadBytes size of the whole payload
     * @throws BundleException if the bytes violate the layout
     */
    public static BundleIndex parse(byte[] prefix, long payloadBytes) throws BundleException {
        ByteBuffer in = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
        Header header = Header.read(in);
        if (header.prefixBytes != prefix.length) {
            throw new BundleException("bundle header: wrong size of header and index (expected " + prefix.length
                    + " bytes, found " + header.prefixBytes + ")");
        }
        if (header.totalBytes != payloadBytes) {
            throw new BundleException("bundle header: wrong total size (expected " + payloadBytes + " bytes, found "
                    + header.totalBytes + ")");
        }
        TreeMap<String, BundleEntry> entries = new TreeMap<>();
        long next = header.prefixBytes;
        String previous = "";
        for (int i = 0; i < header.entries; i++) {
            BundleEntry entry = readEntry(in, i);
            if (entry.name().compareTo(previous) <= 0) {
                throw new BundleException(
                        "bundle index: entries are not sorted: " + entry.name() + " after " + previous);
            }
            if (entry.offset() != next) {
                throw new BundleException("bundle index: " + entry.name() + ": wrong offset (expected " + next
                        + ", found " + entry.offset() + ")");
            }
            next += entry.length();
            previous = entry.name();
            entries.put(previous, entry);
        }
        if (in.hasRemaining() || next != header.totalBytes) {
            throw new BundleException("bundle index: " + in.remaining() + " extra bytes, and entries end at " + next
                    + " (expected 0 extra bytes, and entries that end at " + header.totalBytes + ")");
        }
        return new BundleIndex(entries, header.totalBytes);
    }

    /**
     * Reads the size of header and index, in bytes, from the header. Builders sign this size.
     *
     * @param header the first {@link #HEADER_BYTES} bytes
     */
    public static int prefixBytes(byte[] header) throws BundleException {
        return (int) Header.read(ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN)).prefixBytes;
    }

    private static BundleEntry readEntry(ByteBuffer in, int i) throws BundleException {
        if (in.remaining() < FIXED_ENTRY_BYTES) {
            throw new BundleException("bundle index: ends inside entry " + i);
        }
        long offset = in.getLong();
        long length = in.getLong();
        byte[] sha256 = new byte[32];
        in.get(sha256);
        int nameBytes = in.getShort() & 0xffff;
        if (nameBytes > in.remaining() || length < 0 || length > Integer.MAX_VALUE) {
            throw new BundleException(
                    "bundle index: entry " + i + ": invalid name length " + nameBytes + " or entry length " + length);
        }
        byte[] name = new byte[nameBytes];
        in.get(name);
        try {
            return new BundleEntry(
                    new String(name, StandardCharsets.ISO_8859_1), offset, (int) length, Digest.ofRaw(sha256));
        } catch (IllegalArgumentException e) {
            throw new BundleException("bundle index: entry " + i + ": " + e.getMessage());
        }
    }

    /** The entry with this name, if there is one. */
    public Optional<BundleEntry> find(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** All entries whose names start with {@code prefix}, in order. */
    public List<BundleEntry> startingWith(String prefix) {
        List<BundleEntry> found = new ArrayList<>();
        for (BundleEntry entry : entries.tailMap(prefix).values()) {
            if (!entry.name().startsWith(prefix)) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    /** All entries by name, in order. */
    public Map<String, BundleEntry> entries() {
        return Collections.unmodifiableMap(entries);
    }

    /** Size of the whole bundle in bytes. */
    public long totalBytes() {
        return totalBytes;
    }

    private record Header(int entries, long prefixBytes, long totalBytes) {
        static Header read(ByteBuffer in) throws BundleException {
            byte[] magic = new byte[MAGIC.length];
            if (in.remaining() < HEADER_BYTES) {
                throw new BundleException(
                        "bundle header: expected " + HEADER_BYTES + " bytes, found " + in.remaining());
            }
            in.get(magic);
            int version = in.getInt();
            if (!Arrays.equals(magic, MAGIC) || version != VERSION) {
                throw new BundleException("bundle header: unknown format (expected \"pcbundle\" and version " + VERSION
                        + ", found " + Arrays.toString(magic) + " and version " + version + ")");
            }
            Header header = new Header(in.getInt(), in.getLong(), in.getLong());
            long least = HEADER_BYTES + (long) header.entries * FIXED_ENTRY_BYTES;
            if (header.entries < 0
                    || header.prefixBytes < least
                    || header.prefixBytes > MAX_PREFIX_BYTES
                    || header.totalBytes < header.prefixBytes) {
                throw new BundleException("bundle header: contradictory sizes: " + header);
            }
            return header;
        }
    }
}
