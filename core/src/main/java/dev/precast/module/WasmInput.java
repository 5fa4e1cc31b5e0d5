package dev.precast.module;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a module in order, through one small buffer, with the number encodings of the core specification (5.2).
 * Reading never passes the current {@link #limit}, and nothing is allocated by a number that was read.
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
    /** How far {@code next} may go in this buffer: to the limit or to what is filled, whichever comes first. */
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

    /** Bytes up to the limit. */
    long left() {
        return limit - position();
    }

    /** Lets reading go on to {@code end}, which must not lie before the position. */
    void limit(long end) {
        limit = end;
        usable = (int) Math.min(filled, end - bufferStart);
    }

    /** A limit {@code size} bytes from here; it must lie within the present one. Returns the present one. */
    long enter(String what, long size) throws MalformedModuleException {
        if (size > left()) {
            throw malformed(what + " of " + size + " bytes, only " + left() + " are left");
        }
        long outer = limit;
        limit(position() + size);
        return outer;
    }

    /** Back to the outer limit; everything up to the inner one must have been read. */
    void leave(String what, long outer) throws MalformedModuleException {
        if (left() != 0) {
            throw malformed(what + " should end here, " + left() + " bytes are left over");
        }
        limit(outer);
    }

    /** Whether no byte is left up to the limit, or where there is none in the module. */
    boolean atEnd() throws IOException {
        return left() == 0 || (next == filled && !fill());
    }

    /** What the next eight bytes say. */
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
            throw malformed("what contains this ends here, but more should follow");
        }
        if (!fill()) {
            throw malformed("the module ends here, but more should follow");
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

    /** The length of a vector; each item takes at least one byte, so more than what is left cannot be. */
    long count(String what) throws IOException, MalformedModuleException {
        long count = u32();
        if (count > left()) {
            throw malformed(count + " " + what + " in " + left() + " bytes");
        }
        return count;
    }

    /** Passes an unsigned LEB128 of at most {@code bits} bits; for 64 the result may be negative. */
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

    /** Passes a signed LEB128 of at most {@code bits} bits, 33 and 64 included. */
    long signed(int bits) throws IOException, MalformedModuleException {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = u8();
            int room = bits - shift;
            if (room < 8) {
                // What is beyond the sign bit has to repeat it, and nothing may follow.
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
            throw malformed(bytes + " bytes should follow, only " + left() + " are left");
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

    /** A name; of a long one the start and an ellipsis. Malformed UTF-8 is shown as such, not refused. */
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
