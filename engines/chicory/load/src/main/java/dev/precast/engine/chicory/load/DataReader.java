package dev.precast.engine.chicory.load;

import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.Instruction;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import com.dylibso.chicory.wasm.types.SectionId;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the data section of a module, which makes up most of a skeleton: megabytes in thousands of segments. This class
 * is faster than the engine's parser, which copies each segment several times and creates streams for it.
 *
 * <p>Supports passive segments, and active segments whose offset is one {@code i32.const}: those that linkers write.
 * The engine's parser reads a module with any other segment.
 */
final class DataReader {
    private static final int PREAMBLE_BYTES = 8;
    private static final int I32_CONST = 0x41;
    private static final int END = 0x0b;

    private final byte[] wasm;
    private int at;

    private DataReader(byte[] wasm) {
        this.wasm = wasm;
        this.at = PREAMBLE_BYTES;
    }

    /**
     * A module in two parts.
     *
     * @param rest the module without its data section
     * @param data the data section
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Split(byte[] rest, DataSection data) {}

    /** Splits off the data section; null if there is none or this class does not support it. */
    static @Nullable Split split(byte[] wasm) {
        try {
            return new DataReader(wasm).find();
        } catch (IndexOutOfBoundsException e) {
            return null; // The engine's parser will report the error.
        }
    }

    private @Nullable Split find() {
        while (at < wasm.length) {
            int start = at;
            int id = wasm[at++];
            int size = unsigned();
            int end = at + size;
            if (size < 0 || end > wasm.length || end < at) {
                return null;
            }
            if (id == SectionId.DATA) {
                DataSection data = section(end);
                if (data == null) {
                    return null;
                }
                byte[] rest = Arrays.copyOf(wasm, wasm.length - (end - start));
                System.arraycopy(wasm, end, rest, start, wasm.length - end);
                return new Split(rest, data);
            }
            at = end;
        }
        return null;
    }

    private @Nullable DataSection section(int end) {
        DataSection.Builder data = DataSection.builder();
        int count = unsigned();
        for (int i = 0; i < count; i++) {
            int mode = unsigned();
            if (mode == 0) {
                int offsetAt = at;
                if (wasm[at++] != I32_CONST) {
                    return null;
                }
                long offset = signed();
                if (wasm[at++] != END) {
                    return null;
                }
                Instruction constant = new Instruction(offsetAt, OpCode.I32_CONST, new long[] {offset});
                data.addDataSegment(new ActiveDataSegment(0, List.of(constant), bytes(end)));
            } else if (mode == 1) {
                data.addDataSegment(new PassiveDataSegment(bytes(end)));
            } else {
                return null;
            }
        }
        return at == end ? data.build() : null;
    }

    private byte[] bytes(int end) {
        int length = unsigned();
        if (length < 0 || length > end - at) {
            throw new IndexOutOfBoundsException(length);
        }
        at += length;
        return Arrays.copyOfRange(wasm, at - length, at);
    }

    /** Reads an unsigned LEB128 of at most 32 bits. */
    private int unsigned() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte b = wasm[at++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException(at);
    }

    /** Reads a signed LEB128 of at most 32 bits. */
    private long signed() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte b = wasm[at++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return shift < 28 && (b & 0x40) != 0 ? value | (-1 << (shift + 7)) : value;
            }
        }
        throw new IndexOutOfBoundsException(at);
    }
}
