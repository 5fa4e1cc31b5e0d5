package dev.precast.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ByteRateTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void two_streams_together_take_the_time_of_all_their_bytes() throws Exception {
        ByteRate rate = new ByteRate(1_000, now::get, now::addAndGet);

        rate.on(new ByteArrayInputStream(new byte[100_000])).readAllBytes();
        rate.on(new ByteArrayInputStream(new byte[50_000])).readAllBytes();

        assertThat(now).hasValue(150_000_000_000L);
    }

    @Test
    void time_without_reading_is_not_saved_up() throws Exception {
        ByteRate rate = new ByteRate(1_000, now::get, now::addAndGet);
        now.set(1_000_000_000_000L);

        rate.on(new ByteArrayInputStream(new byte[2_000])).readAllBytes();

        assertThat(now).hasValue(1_002_000_000_000L);
    }

    @Test
    void an_interrupt_ends_the_wait() {
        ByteRate rate = new ByteRate(1, now::get, nanos -> {
            throw new InterruptedException();
        });

        assertThatThrownBy(() -> rate.on(new ByteArrayInputStream(new byte[1])).read())
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_rate_below_one_byte_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ByteRate.of(0))
                .withMessage("rate: expected at least 1 byte per second, found 0");
    }
}
