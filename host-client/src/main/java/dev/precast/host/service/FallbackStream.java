package dev.precast.host.service;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A stream of bytes that several places have. If a place fails, even in the middle, the next place delivers the rest. Not
 * thread safe.
 */
final class FallbackStream extends InputStream {
    private final Queue<Place> places;
    private final Predicate<IOException> mayHelp;
    private @Nullable Source source;
    private long taken;

    private FallbackStream(List<Place> places, Predicate<IOException> mayHelp) {
        this.places = new ArrayDeque<>(places);
        this.mayHelp = mayHelp;
    }

    /** A place that has the bytes. */
    interface Place {
        InputStream open() throws IOException;

        /** Called when the bytes could not be opened or read here. */
        default void failed(IOException failure) {}
    }

    private record Source(Place place, InputStream in) {}

    /**
     * Opens the first place that can be opened.
     *
     * @param places at least one
     * @param mayHelp whether another place may have the bytes after this failure of a place
     * @throws IOException the exception of the last place, or that of an earlier one after which no other can help
     */
    static InputStream of(List<Place> places, Predicate<IOException> mayHelp) throws IOException {
        FallbackStream stream = new FallbackStream(places, mayHelp);
        stream.next(null);
        return stream;
    }

    /** Opens the next place, and skips the bytes that were taken. */
    private void next(@Nullable IOException failure) throws IOException {
        IOException last = failure;
        close();
        while (last == null || (mayHelp.test(last) && !places.isEmpty())) {
            Place place = places.remove();
            try {
                InputStream in = place.open();
                source = new Source(place, in);
                in.skipNBytes(taken);
                return;
            } catch (IOException e) {
                place.failed(e);
                close();
                if (last != null) {
                    e.addSuppressed(last);
                }
                last = e;
            }
        }
        throw last;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (true) {
            Source open = source;
            if (open == null) {
                throw new IOException("stream: closed");
            }
            try {
                int n = open.in.read(into, offset, length);
                taken += Math.max(n, 0);
                return n;
            } catch (IOException e) {
                open.place.failed(e);
                next(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        Source open = source;
        source = null;
        if (open != null) {
            open.in.close();
        }
    }
}
