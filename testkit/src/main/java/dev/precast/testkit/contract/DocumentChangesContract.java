package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.store.DocumentChanges;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link DocumentChanges}. The test of each adapter extends it. */
public abstract class DocumentChangesContract {
    private static final Duration LONG = Duration.ofSeconds(60);

    private DocumentChanges changes;

    /** Returns a new instance for each test. */
    protected abstract DocumentChanges freshChanges() throws Exception;

    @BeforeEach
    void open() throws Exception {
        changes = freshChanges();
    }

    @Test
    void all_listeners_get_each_announcement_in_order() throws InterruptedException {
        BlockingQueue<String> one = new LinkedBlockingQueue<>();
        BlockingQueue<String> two = new LinkedBlockingQueue<>();
        changes.listen(one::add);
        changes.listen(two::add);
        awaitPeriod();

        changes.announce("trust/policy");
        changes.announce("lanes");

        assertThat(one.poll(60, TimeUnit.SECONDS)).isEqualTo("trust/policy");
        assertThat(one.poll(60, TimeUnit.SECONDS)).isEqualTo("lanes");
        assertThat(two.poll(60, TimeUnit.SECONDS)).isEqualTo("trust/policy");
        assertThat(two.poll(60, TimeUnit.SECONDS)).isEqualTo("lanes");
    }

    @Test
    void an_announcement_needs_no_listener() {
        changes.announce("lanes");
    }

    @Test
    void without_interruptions_the_period_stays_the_same() throws InterruptedException {
        OptionalLong first = awaitPeriod();
        changes.announce("lanes");

        assertThat(changes.period()).isEqualTo(first);
    }

    private OptionalLong awaitPeriod() throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        while (changes.period().isEmpty()) {
            assertThat(end - System.nanoTime())
                    .as("time left until a period begins")
                    .isPositive();
            Thread.sleep(10);
        }
        return changes.period();
    }
}
