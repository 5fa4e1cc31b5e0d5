package dev.precast.cli;

import dev.precast.artifact.VisibleText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import org.jspecify.annotations.Nullable;

/**
 * A stream for text that may come from a service or a file. Prints escapes instead of characters that control a
 * terminal; see {@link VisibleText}.
 * {@link VisibleText}.
 */
final class CleanStream extends PrintStream {
    private final PrintStream raw;

    private CleanStream(PrintStream raw) {
        super(new Cleaner(raw), true, raw.charset());
        this.raw = raw;
    }

    static CleanStream of(PrintStream stream) {
        return stream instanceof CleanStream clean ? clean : new CleanStream(stream);
    }

    /** The stream without replacements, for text of this program only. */
    PrintStream raw() {
        return raw;
    }

    /** Decodes, cleans and prints. Keeps the bytes of an incomplete character for the next call. */
    private static final class Cleaner extends OutputStream {
        private final PrintStream raw;
        private final CharsetDecoder decoder;
        private byte @Nullable [] begun;

        Cleaner(PrintStream raw) {
            this.raw = raw;
            decoder = raw.charset()
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            int kept = begun == null ? 0 : begun.length;
            ByteBuffer in = ByteBuffer.allocate(kept + length);
            if (begun != null) {
                in.put(begun);
            }
            in.put(bytes, from, length).flip();
            CharBuffer text = CharBuffer.allocate(in.remaining() + 1);
            decoder.decode(in, text, false);
            begun = new byte[in.remaining()];
            in.get(begun);
            raw.print(VisibleText.of(text.flip().toString()));
        }

        @Override
        public void flush() {
            raw.flush();
        }
    }
}
