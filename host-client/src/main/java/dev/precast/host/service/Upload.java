package dev.precast.host.service;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The body of an upload. Records its progress, so that a server that stops reading is detected. */
final class Upload {
    private static final int CHECK_MILLIS = 500;

    private final long size;
    private final Supplier<InputStream> bytes;
    private final AtomicLong taken = new AtomicLong();
    private volatile long takenAt = System.nanoTime();

    Upload(long size, Supplier<InputStream> bytes) {
        this.size = size;
        this.bytes = bytes;
    }

    long size() {
        return size;
    }

    BodyPublisher publisher() {
        return size == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), size);
    }

    /** Opens the body; its reads count as progress. */
    InputStream open() {
        return new FilterInputStream(bytes.get()) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int n = super.read(into, offset, length);
                taken.addAndGet(Math.max(n, 0));
                takenAt = System.nanoTime();
                return n;
            }
        };
    }

    /**
     * Waits for the answer.
     *
     * @param sending becomes complete with the answer; this method does not cancel it
     * @param pause longest time without a read while bytes remain
     * @param deadline when the answer must be complete, a value of {@link System#nanoTime()}
     * @throws HttpTimeoutException if the server stops reading, or the deadline passes
     */
    <T> T await(CompletableFuture<T> sending, Duration pause, long deadline) throws IOException, InterruptedException {
        try {
            while (!stalled(pause)) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new HttpTimeoutException("no answer in time, after sending " + this);
                }
                try {
                    return sending.get(Math.min(left, CHECK_MILLIS), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    continue; // Still in progress.
                }
            }
            throw new HttpTimeoutException("stopped reading the request after " + this);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    private boolean stalled(Duration pause) {
        return taken.get() < size && System.nanoTime() - takenAt > pause.toNanos();
    }

    @Override
    public String toString() {
        return taken + " of " + size + " bytes";
    }
}
