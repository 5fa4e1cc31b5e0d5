package dev.precast.bundle;

import dev.precast.artifact.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects entries and writes them as a bundle. The same entries give the same bytes; the order of calls does not
 * matter.
 *
 * <p>Not thread safe.
 */
public final class BundleWriter {
    private final TreeMap<String, byte[]> entries = new TreeMap<>();

    /**
     * Adds an entry. The array is kept, not copied.
     *
     * @throws IllegalArgumentException if the name is invalid or was added before
     */
    public BundleWriter add(String name, byte[] bytes) {
        BundleEntry checked = new BundleEntry(name, 0, bytes.length, Digest.of(new byte[0]));
        if (entries.putIfAbsent(checked.name(), bytes) != null) {
            throw new IllegalArgumentException("bundle entry " + name + ": added twice");
        }
        return this;
    }

    /** Writes header, index and entries; does not close {@code out}. */
    public void writeTo(OutputStream out) throws IOException {
        int prefix = BundleIndex.HEADER_BYTES;
        long total = 0;
        for (Map.Entry<String, byte[]> e : entries.entrySet()) {
            prefix = Math.addExact(
                    prefix, BundleIndex.FIXED_ENTRY_BYTES + e.getKey().length());
            total += e.getValue().length;
        }
        if (prefix > BundleIndex.MAX_PREFIX_BYTES) {
            throw new IllegalStateException("bundle: header and index are too large (expected at most "
                    + BundleIndex.MAX_PREFIX_BYTES + " bytes, found " + prefix + ")");
        }
        ByteBuffer index = ByteBuffer.allocate(prefix).order(ByteOrder.LITTLE_ENDIAN);
        index.put(BundleIndex.MAGIC).putInt(BundleIndex.VERSION).putInt(entries.size());
        index.putLong(prefix).putLong(prefix + total);
        long offset = prefix;
        for (Map.Entry<String, byte[]> e : entries.entrySet()) {
            byte[] bytes = e.getValue();
            index.putLong(offset).putLong(bytes.length).put(Digest.of(bytes).raw());
            index.putShort((short) e.getKey().length()).put(e.getKey().getBytes(StandardCharsets.US_ASCII));
            offset += bytes.length;
        }
        out.write(index.array());
        for (byte[] bytes : entries.values()) {
            out.write(bytes);
        }
    }
}
