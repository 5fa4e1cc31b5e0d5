package dev.precast.host.prefetch;

import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Limits the total rate of all payloads that are read through it. Thread safe. */
public final class Throttle {
    /** Minimum rate of a download in bytes per second. Sources abort slower downloads. */
    public static final long LEAST_BYTES_A_DOWNLOAD = 256 << 10;

    private static final int PIECE = 1 << 16;

    private final long bytesPerSecond;
    private long freeAt = System.nanoTime();

    public Throttle(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Wraps a source, so that its payloads count towards the rate limit. */
    ArtifactSource on(ArtifactSource source) {
        return bytesPerSecond == Long.MAX_VALUE ? source : new Slower(this, source);
    }

    /** Waits until the rate allows this number of bytes. */
    private void pass(int bytes) throws InterruptedIOException {
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            freeAt = Math.max(now, freeAt) + bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
            wait = freeAt - now;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("download: interrupted");
        }
    }

    private record Slower(Throttle throttle, ArtifactSource source) implements ArtifactSource {
        @Override
        public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) throws IOException {
            return source.find(modules, lanes);
        }

        @Override
        public InputStream open(Attestation attestation) throws IOException {
            return slower(source.open(attestation));
        }

        @Override
        public InputStream openPlain(Attestation attestation) throws IOException {
            return slower(source.openPlain(attestation));
        }

        @Override
        public boolean reportDamage(Attestation attestation, Duration wait) {
            return source.reportDamage(attestation, wait);
        }

        private InputStream slower(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    throttle.pass(1);
                    return super.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int n = super.read(into, offset, Math.min(length, PIECE));
                    throttle.pass(Math.max(0, n));
                    return n;
                }
            };
        }

        @Override
        public Optional<byte[]> trust() throws IOException {
            return source.trust();
        }

        @Override
        public String toString() {
            return source.toString();
        }
    }
}
