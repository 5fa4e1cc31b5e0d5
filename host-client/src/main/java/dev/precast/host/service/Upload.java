package dev.precast.host.service;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** The body of an upload. Records its progress, so that a server that stops reading is detected. */
final class Upload {
    private final long size;
    private final AtomicLong taken = new AtomicLong();
    private volatile long takenAt = System.nanoTime();

    Upload(long size) {
        this.size = size;
    }

    BodyPublisher publisher(Supplier<InputStream> bytes) {
        return size == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> counted(bytes.get())), size);
    }

    private InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int n = super.read(into, offset, length);
                taken.addAndGet(Math.max(n, 0));
                takenAt = System.nanoTime();
                return n;
            }
        };
    }

    /** Whether bytes remain and the HTTP client has read none for this time. */
    boolean stalled(long nanos) {
        return taken.get() < size && System.nanoTime() - takenAt > nanos;
    }

    @Override
    public String toString() {
        return taken + " of " + size + " bytes";
    }
}
