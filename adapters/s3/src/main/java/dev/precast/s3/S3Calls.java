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
 * Calls the store with a deadline, with retries after a back-off, and with a circuit breaker that makes calls fail at
 * once while it is open. The SDK's own retries are off, because a conditional put must know whether it is a retry.
 *
 * <p>Thread safe.
 */
final class S3Calls {
    /**
     * Failures in a row that open the breaker. Even if 30% of all calls fail, 12 in a row fail only once in two million
     * calls.
     */
    private static final int FAILURES_TO_OPEN = 12;

    private static final int SUCCESSES_TO_CLOSE = 2;
    private static final int MAX_RETRIES = 8;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    /**
     * Minimum time left for a further attempt. With less time the call fails with the error of the last attempt, which
     * says more than a timeout.
     */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(50);
    /**
     * Minimum transfer rate of bodies, in bytes per second. The time for the body at this rate is added to the
     * timeouts.
     */
    private static final long SLOWEST_BYTES_A_SECOND = 1 << 20;

    private final S3Config.Calls limits;
    private final Duration pause;
    private final CircuitBreaker<Object> breaker;

    /** @param pause how long the breaker stays open before it allows a trial call */
    S3Calls(S3Config.Calls limits, Duration pause) {
        this.limits = limits;
        this.pause = pause;
        this.breaker = CircuitBreaker.builder()
                .handleIf((Throwable e) -> Faults.isPassing(e))
                .withFailureThreshold(FAILURES_TO_OPEN)
                .withSuccessThreshold(SUCCESSES_TO_CLOSE)
                .withDelay(pause)
                .build();
    }

    /** False while the breaker is open and its pause lasts; true after the pause, so that callers make a trial call. */
    boolean available() {
        return !breaker.isOpen() || breaker.getRemainingDelay().isZero();
    }

    /**
     * Calls the store.
     *
     * @param doing describes the call in messages
     * @param bytes size of the body, which extends the deadline
     * @throws StoreException if the last attempt failed, or the breaker is open
     */
    <T extends @Nullable Object> T run(String doing, long bytes, Call<T> call) {
        Duration body = Duration.ofSeconds(bytes / SLOWEST_BYTES_A_SECOND);
        Duration all = limits.callTimeout().plus(body);
        Duration one = limits.attemptTimeout().plus(body);
        try {
            return Failsafe.with(retries(all), breaker).get(context -> call.run(attempt(context, one, all)));
        } catch (CircuitBreakerOpenException e) {
            throw new StoreException(
                    String.format(
                            Locale.ROOT,
                            "%s: store unavailable after %d failures in a row; next attempt in at most %.1f s",
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

    /** A call of the SDK, which may be made several times. Throws the SDK's exceptions. */
    @FunctionalInterface
    interface Call<T extends @Nullable Object> {
        T run(Attempt attempt);
    }

    /**
     * One attempt of a call.
     *
     * @param first false if an earlier attempt may have succeeded although its answer was lost
     * @param limits the timeout, in the form that requests take
     */
    record Attempt(boolean first, AwsRequestOverrideConfiguration limits) {}
}
