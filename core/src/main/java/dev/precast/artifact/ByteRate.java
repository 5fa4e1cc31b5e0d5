package dev.precast.artifact;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Limits the total rate of all streams that are read through it. Thread safe. */
public final class ByteRate {
    /** No limit: reading never waits. */
    public static final ByteRate UNLIMITED = new ByteRate(Long.MAX_VALUE, System::nanoTime, nanos -> {});

    private static final int PIECE = 1 << 16;

    private final long bytesPerSecond;
    private final LongSupplier ticker;
    private final Sleeper sleeper;
    private long freeAt;

    /**
     * @param bytesPerSecond at least 1
     * @param ticker nanoseconds since any origin, such as {@link System#nanoTime}
     */
    public ByteRate(long bytesPerSecond, LongSupplier ticker, Sleeper sleeper) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("rate: expected at least 1 byte per second, found " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
        this.ticker = ticker;
        this.sleeper = sleeper;
        this.freeAt = ticker.getAsLong();
    }

    /** Limits the rate with the clock of this machine. */
    public static ByteRate of(long bytesPerSecond) {
        return new ByteRate(bytesPerSecond, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
    }

    /** Waits for a time, as {@code TimeUnit.NANOSECONDS::sleep} does. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(long nanos) throws InterruptedException;
    }

    /** A stream that is read no faster than the rate. Closing it closes {@code in}. */
    public InputStream on(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int n = super.read(into, offset, Math.min(length, PIECE));
                pass(Math.max(0, n));
                return n;
            }
        };
    }

    /** Waits until the rate allows this number of bytes. */
    private void pass(int bytes) throws InterruptedIOException {
        if (bytesPerSecond == Long.MAX_VALUE) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = ticker.getAsLong();
            freeAt = Math.max(now, freeAt) + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            wait = freeAt - now;
        }
        try {
            sleeper.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("reading: interrupted");
        }
    }
}
