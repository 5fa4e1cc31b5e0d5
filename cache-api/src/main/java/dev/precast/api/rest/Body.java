package dev.precast.api.rest;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.protocol.ProblemCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request body that fails if its average rate is below a minimum after the first ten seconds. The reader checks the
 * rate after each read; {@link #cutIfSlow} interrupts a reader that waits for a silent client.
 */
final class Body extends FilterInputStream {
    /** Time from the start in which any rate is accepted. */
    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long bytesPerSecond;
    private final Ticker ticker;
    private final long start;
    private final Object lock = new Object();
    private volatile long read;
    private @Nullable Thread reader;
    private boolean cut;

    Body(InputStream in, long bytesPerSecond, Ticker ticker) {
        super(in);
        this.bytesPerSecond = bytesPerSecond;
        this.ticker = ticker;
        this.start = ticker.read();
    }

    /** Number of bytes read. */
    long bytesRead() {
        return read;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = readUnlessCut(buffer, offset, length);
        count(n);
        if (n >= 0 && slow()) {
            throw tooSlow();
        }
        return n;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only the reader writes this
    private void count(int n) {
        read += Math.max(n, 0);
    }

    private int readUnlessCut(byte[] buffer, int offset, int length) throws IOException {
        synchronized (lock) {
            if (cut) {
                throw tooSlow();
            }
            reader = Thread.currentThread();
        }
        try {
            return in.read(buffer, offset, length);
        } catch (InterruptedIOException e) {
            throw isCut() ? tooSlow() : e;
        } finally {
            synchronized (lock) {
                reader = null;
                if (cut) {
                    // The interrupt was only for this read.
                    Thread.interrupted();
                }
            }
        }
    }

    private boolean isCut() {
        synchronized (lock) {
            return cut;
        }
    }

    /** Interrupts a waiting read if the body is too slow. Any thread may call this method. */
    void cutIfSlow() {
        synchronized (lock) {
            if (reader != null && !cut && slow()) {
                cut = true;
                reader.interrupt();
            }
        }
    }

    private boolean slow() {
        long nanos = ticker.read() - start;
        return nanos > GRACE_NANOS && (double) read * TimeUnit.SECONDS.toNanos(1) / nanos < bytesPerSecond;
    }

    private BodyException tooSlow() {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(ticker.read() - start));
        return new BodyException(
                ProblemCode.BODY_TOO_SLOW,
                "body: expected at least " + bytesPerSecond + " bytes per second, found " + read + " bytes in " + millis
                        + " ms");
    }
}
