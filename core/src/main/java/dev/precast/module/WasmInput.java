package dev.precast.module;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads the bytes of a module through one small buffer and decodes numbers (core specification 3.0, section 5.2). Never
 * reads past the current {@link #limit}. A number in the module never decides the size of an allocation.
 *
 * <p>Not thread safe.
 */
final class WasmInput {
    private static final int MAX_NAME_KEPT = 512;

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 14];
    private long bufferStart;
    private int filled;
    private int next;
    /** End of the readable part of the buffer: the limit or the end of the filled part, whichever comes first. */
    private int usable;

    private long limit = Long.MAX_VALUE;

    WasmInput(InputStream in) {
        this.in = in;
    }

    long position() {
        return bufferStart + next;
    }

    long limit() {
        return limit;
    }

    /** The number of bytes up to the limit. */
    long left() {
        return limit - position();
    }

    /** Sets the limit to {@code end}, which must not lie before the position. */
    void limit(long end) {
        limit = end;
        usable = (int) Math.min(filled, end - bufferStart);
    }

    /**
     * Sets the limit to {@code size} bytes after the position. Refuses a limit beyond the old one; returns the old one.
     */
    long enter(String what, long size) throws MalformedModuleException {
        if (size > left()) {
            throw malformed(what + " of " + size + " bytes, but only " + left() + " bytes remain");
        }
        long outer = limit;
        limit(position() + size);
        return outer;
    }

    /** Restores the outer limit. Everything up to the inner limit must have been read. */
    void leave(String what, long outer) throws MalformedModuleException {
        if (left() != 0) {
            throw malformed(what + " should end here, but " + left() + " bytes remain");
        }
        limit(outer);
    }

    /** Whether the position is at the limit; without a limit, at the end of the module. */
    boolean atEnd() throws IOException {
        return left() == 0 || (next == filled && !fill());
    }

    /** Reads the preamble: the next eight bytes. */
    WasmKind preamble() throws IOException, MalformedModuleException {
        byte[] preamble = new byte[WasmKind.PREAMBLE_BYTES];
        for (int i = 0; i < preamble.length; i++) {
            preamble[i] = (byte) u8();
        }
        return WasmKind.of(preamble);
    }

    int u8() throws IOException, MalformedModuleException {
        if (next == usable) {
            more();
        }
        return buffer[next++] & 0xff;
    }

    private void more() throws IOException, MalformedModuleException {
        if (position() >= limit) {
            throw malformed("the enclosing section or item ends here, but more bytes should follow");
        }
        if (!fill()) {
            throw malformed("the module ends here, but more bytes should follow");
        }
    }

    private boolean fill() throws IOException {
        bufferStart += filled;
        next = 0;
        filled = Math.max(0, in.read(buffer));
        limit(limit);
        return filled > 0;
    }

    long u32() throws IOException, MalformedModuleException {
        return unsigned(32);
    }

    long u64() throws IOException, MalformedModuleException {
        return unsigned(64);
    }

    /**
     * Reads the length of a vector. Refuses a length above the number of remaining bytes, since each item has at least
     * one byte.
     */
    long count(String what) throws IOException, MalformedModuleException {
        long count = u32();
        if (count > left()) {
            throw malformed(count + " " + what + " do not fit into the remaining " + left() + " bytes");
        }
        return count;
    }

    /** Reads an unsigned LEB128 of at most {@code bits} bits; for 64 bits, the result is to be read as unsigned. */
    private long unsigned(int bits) throws IOException, MalformedModuleException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            int room = bits - shift;
            if (room < 8 && (b >>> room) != 0) {
                throw malformed("an integer of more than " + bits + " bits");
            }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return value;
            }
        }
    }

    /** Reads a signed LEB128 of at most {@code bits} bits, such as 32, 33 or 64. */
    long signed(int bits) throws IOException, MalformedModuleException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            int room = bits - shift;
            if (room < 8) {
                // The bits beyond the sign bit must repeat it, and this must be the last byte.
                int signAndMore = b >> (room - 1);
                if (signAndMore != 0 && signAndMore != 0x7f >> (room - 1)) {
                    throw malformed("an integer of more than " + bits + " bits");
                }
            }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                int used = shift + 7;
                return used < 64 && (b & 0x40) != 0 ? value | -1L << used : value;
            }
        }
    }

    void skip(long bytes) throws IOException, MalformedModuleException {
        if (bytes > left()) {
            throw malformed(bytes + " bytes should follow, but only " + left() + " remain");
        }
        long todo = bytes;
        while (todo > 0) {
            if (next == usable) {
                more();
            }
            int step = (int) Math.min(todo, usable - next);
            next += step;
            todo -= step;
        }
    }

    /**
     * Reads a name. A long name is truncated and ends with an ellipsis. Malformed UTF-8 becomes replacement characters.
     */
    String name() throws IOException, MalformedModuleException {
        long length = count("bytes of a name");
        byte[] kept = new byte[(int) Math.min(length, MAX_NAME_KEPT)];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = (byte) u8();
        }
        skip(length - kept.length);
        return new String(kept, StandardCharsets.UTF_8) + (length > kept.length ? "…" : "");
    }

    MalformedModuleException malformed(String what) {
        return new MalformedModuleException(position(), what);
    }
}
