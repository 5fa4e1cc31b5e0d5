package dev.precast.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.api.json.ProblemException;
import dev.precast.protocol.ProblemCode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FlightsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Flights<String, String> flights = new Flights<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch answered = new CountDownLatch(1);

    /** Joins in a thread of its own, and returns when that waits for an answer or has one. */
    private CompletableFuture<Optional<String>> joining(Flights.Request<String> request) {
        CompletableFuture<Optional<String>> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                result.complete(flights.join("key", LONG, request));
            } catch (UpstreamException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        while (!result.isDone() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return result;
    }

    private String slow(String answer) {
        sent.incrementAndGet();
        started.countDown();
        try {
            answered.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return answer;
    }

    @Test
    void all_who_ask_in_the_meantime_get_the_answer_to_one_request() throws Exception {
        var first = joining(() -> slow("answer"));
        started.await();
        var second = joining(() -> slow("another"));
        assertThat(second).isNotDone();
        answered.countDown();

        assertThat(first.get()).contains("answer");
        assertThat(second.get()).contains("answer");
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_refusal_of_one_token_is_not_the_answer_for_another() throws Exception {
        var refused = joining(() -> {
            slow("");
            throw new ProblemException(ProblemCode.UNAUTHENTICATED, "whose token is this?");
        });
        started.await();
        var allowed = joining(() -> "mine");
        assertThat(allowed).isNotDone();
        answered.countDown();

        assertThatThrownBy(refused::get).hasCauseInstanceOf(ProblemException.class);
        assertThat(allowed.get()).contains("mine");
    }

    @Test
    void whoever_has_waited_long_enough_goes_on_without_the_answer() throws Exception {
        assertThat(flights.join("key", Duration.ofMillis(1), () -> slow("late")))
                .isEmpty();
        answered.countDown();
    }

    @Test
    void an_answered_key_is_asked_for_again() throws Exception {
        assertThat(flights.join("key", LONG, () -> "one")).contains("one");
        assertThat(flights.join("key", LONG, () -> "two")).contains("two");
    }

    @Test
    void a_failure_reaches_everybody_and_does_not_stay() throws Exception {
        var failed = joining(() -> {
            throw new UpstreamException(Upstream.unavailable("away"));
        });

        assertThatThrownBy(failed::get).hasCauseInstanceOf(UpstreamException.class);
        assertThat(flights.join("key", LONG, () -> "back")).contains("back");
    }
}
