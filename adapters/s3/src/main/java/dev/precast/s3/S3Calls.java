package dev.precast.s3;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.CircuitBreakerOpenException;
import dev.failsafe.ExecutionContext;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import dev.precast.cache.store.StoreException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Calls to the store: each with a deadline, tried again with growing pauses where that can help, and not made at all
 * while the breaker is open. The SDK's own retries are off, since a conditional put has to know that it is one.
 *
 * <p>Thread safe.
 */
final class S3Calls {
    /** In a row. A store that fails three calls in ten does this once in two million. */
    private static final int FAILURES_TO_OPEN = 12;

    private static final int SUCCESSES_TO_CLOSE = 2;
    private static final int MAX_RETRIES = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /** In less time no attempt is made: what stopped the one before says more than that time ran out. */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(50);
    /** A body may take a second for each so many bytes, beyond the time of its call. */
    private static final long SLOWEST_BYTES_A_SECOND = 1 << 20;

    private final S3Config config;
    private final Duration pause;
    private final CircuitBreaker<Object> breaker;

    /** @param pause how long the breaker stays open before it lets a call try */
    S3Calls(S3Config config, Duration pause) {
        this.config = config;
        this.pause = pause;
        this.breaker = CircuitBreaker.builder()
                .handleIf((Throwable e) -> Faults.isPassing(e))
                .withFailureThreshold(FAILURES_TO_OPEN)
                .withSuccessThreshold(SUCCESSES_TO_CLOSE)
                .withDelay(pause)
                .build();
    }

    /** False while calls fail at once. When the pause is over it is true again, so that somebody tries. */
    boolean available() {
        return !breaker.isOpen() || breaker.getRemainingDelay().isZero();
    }

    /**
     * Makes a call.
     *
     * @param doing names it in messages
     * @param bytes of its body, which its time grows with
     * @throws StoreException if it failed in the end
     */
    <T extends @Nullable Object> T run(String doing, long bytes, Call<T> call) {
        Duration body = Duration.ofSeconds(bytes / SLOWEST_BYTES_A_SECOND);
        Duration all = config.callTimeout().plus(body);
        Duration one = config.attemptTimeout().plus(body);
        try {
            return Failsafe.with(retries(all), breaker).get(context -> call.run(attempt(context, one, all)));
        } catch (CircuitBreakerOpenException e) {
            throw new StoreException(
                    String.format(
                            Locale.ROOT,
                            "%s: the store failed %d times in a row and is left alone for %.1f s",
                            doing,
                            FAILURES_TO_OPEN,
                            pause.toMillis() / 1000.0),
                    true,
                    e);
        } catch (SdkException e) {
            throw Faults.of(doing, e);
        } catch (FailsafeException e) {
            if (e.getCause() instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new StoreException(doing + ": " + e.getMessage(), true, e);
        }
    }

    private static RetryPolicy<Object> retries(Duration all) {
        return RetryPolicy.builder()
                .handleIf((Throwable e) -> Faults.isPassing(e))
                .withBackoff(FIRST_PAUSE, LONGEST_PAUSE)
                .withJitter(0.5)
                .withMaxRetries(MAX_RETRIES)
                .withMaxDuration(all)
                .build();
    }

    private static Attempt attempt(ExecutionContext<?> context, Duration one, Duration all) {
        Duration left = all.minus(context.getElapsedTime());
        if (left.compareTo(SHORTEST_ATTEMPT) < 0 && context.getLastException() instanceof SdkException before) {
            throw before;
        }
        Duration limit = left.compareTo(one) < 0 ? left : one;
        return new Attempt(
                context.getAttemptCount() == 0,
                AwsRequestOverrideConfiguration.builder()
                        .apiCallTimeout(limit.compareTo(SHORTEST_ATTEMPT) < 0 ? SHORTEST_ATTEMPT : limit)
                        .build());
    }

    /** What is tried, maybe several times; its exceptions are the SDK's. */
    @FunctionalInterface
    interface Call<T extends @Nullable Object> {
        T run(Attempt attempt);
    }

    /**
     * One of several.
     *
     * @param first false if one before it may have been carried out although its answer did not come
     * @param limits how long it may take; goes into the request
     */
    record Attempt(boolean first, AwsRequestOverrideConfiguration limits) {}
}
