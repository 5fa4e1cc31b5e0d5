package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoadRunTest {
    @Test
    void all_calls_are_in_the_figures() throws InterruptedException {
        AtomicLong calls = new AtomicLong();

        Figures figures = LoadRun.of(2, 1, () -> {
            Thread.sleep(5);
            return calls.incrementAndGet();
        });

        assertThat(figures.p50Ms()).isGreaterThanOrEqualTo(4.9);
        assertThat(figures.p99Ms()).isGreaterThanOrEqualTo(figures.p50Ms());
        assertThat(figures.p999Ms()).isGreaterThanOrEqualTo(figures.p99Ms());
        // One second, and the time of the last calls after it.
        assertThat(figures.perSecond()).isPositive().isLessThanOrEqualTo(calls.get());
    }

    @Test
    void a_call_that_fails_is_no_figure() {
        assertThatThrownBy(() -> LoadRun.of(1, 1, () -> {
                    throw new IOException("the replica answered 503");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the replica answered 503");
    }

    @Test
    void the_CPU_time_of_a_process_grows_as_it_works() throws Exception {
        double before = Resources.cpuSeconds(ProcessHandle.current().pid());
        long own = Resources.cpuMillis();
        while (Resources.cpuMillis() < own + 100) {
            Thread.onSpinWait();
        }

        assertThat(Resources.cpuSeconds(ProcessHandle.current().pid()) - before).isGreaterThanOrEqualTo(0.05);
    }
}
