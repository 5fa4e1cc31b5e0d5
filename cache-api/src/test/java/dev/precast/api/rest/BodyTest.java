package dev.precast.api.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BodyTest {
    private final AtomicLong nanos = new AtomicLong();

    private Body body(InputStream in) {
        return new Body(in, 100, nanos::get);
    }

    private void after(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void a_body_at_the_minimum_rate_may_take_long() throws Exception {
        Body body = body(new ByteArrayInputStream(new byte[2000]));
        body.readNBytes(1000);
        after(10);

        assertThat(body.readNBytes(1000)).hasSize(1000);
        after(100);
        assertThat(body.read()).isEqualTo(-1);
        assertThat(body.bytesRead()).isEqualTo(2000);
    }

    @Test
    void a_slow_body_is_accepted_for_ten_seconds() throws Exception {
        Body body = body(new ByteArrayInputStream(new byte[2000]));
        after(10);
        assertThat(body.read()).isZero();

        after(1);

        assertThatThrownBy(body::read)
                .isInstanceOf(BodyException.class)
                .hasMessageContaining("expected at least 100 bytes per second, found 2 bytes in 11000 ms");
    }

    @Test
    void a_reader_of_a_silent_body_is_woken() throws Exception {
        try (PipedOutputStream silent = new PipedOutputStream()) {
            Body body = body(new PipedInputStream(silent));
            body.cutIfSlow();
            after(11);
            Thread watch = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        body.cutIfSlow();
                        Thread.sleep(20);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });

            assertThatThrownBy(body::read).isInstanceOf(BodyException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            watch.interrupt();
        }
    }
}
