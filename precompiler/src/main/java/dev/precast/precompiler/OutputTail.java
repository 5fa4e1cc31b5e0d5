package dev.precast.precompiler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Reads a child's output to the end and keeps the last part. */
final class OutputTail {
    private final byte[] ring;
    private final Thread drain;
    private long total;

    /** @param keep number of bytes to keep */
    OutputTail(InputStream from, int keep) {
        ring = new byte[keep];
        drain = Thread.ofPlatform().daemon().name("precast-child-output").start(() -> drain(from));
    }

    private void drain(InputStream from) {
        byte[] buffer = new byte[1 << 13];
        try (from) {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                keep(buffer, n);
            }
        } catch (IOException e) {
            keep(new byte[0], 0); // The child was killed. Keeps what was read.
        }
    }

    private synchronized void keep(byte[] buffer, int n) {
        for (int i = 0; i < n; i++) {
            ring[(int) (total++ % ring.length)] = buffer[i];
        }
    }

    /** Waits until the pipe is closed, at most for {@code wait}, and returns the kept output. */
    String text(Duration wait) throws InterruptedException {
        drain.join(wait);
        synchronized (this) {
            int length = (int) Math.min(total, ring.length);
            byte[] tail = new byte[length];
            for (int i = 0; i < length; i++) {
                tail[i] = ring[(int) ((total - length + i) % ring.length)];
            }
            return new String(tail, StandardCharsets.UTF_8);
        }
    }
}
