package dev.precast.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.event.CompileEvents;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link CompileEvents}. The test of each adapter extends it. */
public abstract class CompileEventsContract {
    private static final CompileEvent COMPILED = new CompileEvent(SampleKeys.key(), CompileEvent.Kind.COMPILED);
    private static final CompileEvent FAILED = new CompileEvent(SampleKeys.key(), CompileEvent.Kind.FAILED);

    private CompileEvents events;

    /** Returns a new instance for each test. */
    protected abstract CompileEvents freshEvents() throws Exception;

    @BeforeEach
    void open() throws Exception {
        events = freshEvents();
    }

    @Test
    void a_subscriber_gets_each_event_in_order() throws InterruptedException {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        try (CompileEvents.Subscription subscription = events.subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            events.publish(COMPILED);
            events.publish(FAILED);

            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(COMPILED);
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(FAILED);
        }
    }

    @Test
    void events_need_no_subscriber() {
        events.publish(COMPILED);
    }

    @Test
    void all_subscribers_get_events() throws InterruptedException {
        BlockingQueue<CompileEvent> one = new LinkedBlockingQueue<>();
        BlockingQueue<CompileEvent> two = new LinkedBlockingQueue<>();
        try (CompileEvents.Subscription first = events.subscribe(one::add);
                CompileEvents.Subscription second = events.subscribe(two::add)) {
            assertThat(first).isNotSameAs(second);
            events.publish(COMPILED);

            assertThat(one.poll(60, TimeUnit.SECONDS)).isEqualTo(COMPILED);
            assertThat(two.poll(60, TimeUnit.SECONDS)).isEqualTo(COMPILED);
        }
    }

    @Test
    void a_closed_subscription_gets_no_events() throws InterruptedException {
        BlockingQueue<CompileEvent> ended = new LinkedBlockingQueue<>();
        BlockingQueue<CompileEvent> other = new LinkedBlockingQueue<>();
        CompileEvents.Subscription subscription = events.subscribe(ended::add);
        try (CompileEvents.Subscription still = events.subscribe(other::add)) {
            assertThat(still).isNotNull();
            subscription.close();
            subscription.close();
            events.publish(COMPILED);

            assertThat(other.poll(60, TimeUnit.SECONDS)).isEqualTo(COMPILED);
            assertThat(ended).isEmpty();
        }
    }

    @Test
    void a_later_subscriber_gets_no_earlier_events() throws InterruptedException {
        BlockingQueue<CompileEvent> heard = new LinkedBlockingQueue<>();
        events.publish(COMPILED);
        try (CompileEvents.Subscription subscription = events.subscribe(heard::add)) {
            assertThat(subscription).isNotNull();
            events.publish(FAILED);

            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(FAILED);
            assertThat(heard).isEmpty();
        }
    }
}
