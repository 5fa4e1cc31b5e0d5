package dev.precast.api.rest;

import com.github.benmanes.caffeine.cache.Ticker;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/** A request's body that must keep a rate, averaged from the first byte on, after some seconds of patience. */
final class Body extends FilterInputStream {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long bytesPerSecond;
    private final Ticker ticker;
    private final long start;
    private long read;

    Body(InputStream in, long bytesPerSecond, Ticker ticker) {
        super(in);
        this.bytesPerSecond = bytesPerSecond;
        this.ticker = ticker;
        this.start = ticker.read();
    }

    /** How many bytes were read. */
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
        int n;
        try {
            n = in.read(buffer, offset, length);
        } catch (InterruptedIOException e) {
            throw tooSlow("nothing");
        } catch (IOException e) {
            // The server's own timeout comes as a plain exception.
            if (String.valueOf(e.getMessage()).contains("timed out")) {
                throw tooSlow("nothing");
            }
            throw e;
        }
        read += Math.max(n, 0);
        long nanos = ticker.read() - start;
        if (n >= 0 && nanos > PATIENCE_NANOS && (double) read * 1e9 / nanos < bytesPerSecond) {
            throw tooSlow(read * TimeUnit.SECONDS.toNanos(1) / nanos + " bytes a second");
        }
        return n;
    }

    private SlowBodyException tooSlow(String found) {
        return new SlowBodyException("body: expected at least " + bytesPerSecond + " bytes a second, found " + found
                + " after " + read + " bytes");
    }
}
