package dev.precast.s3;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * Compares this process' clock with the header {@code Date} of the store's answers. The difference is right to about a
 * second, and wrong by the time that an answer travels.
 *
 * <p>Thread safe.
 */
final class StoreClock implements ExecutionInterceptor {
    private final InstantSource clock;
    private volatile @Nullable Duration ahead;

    StoreClock(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
        Instant now = clock.instant();
        context.httpResponse()
                .firstMatchingHeader("Date")
                .flatMap(StoreClock::parsed)
                .ifPresent(theirs -> ahead = Duration.between(theirs, now));
    }

    private static Optional<Instant> parsed(String date) {
        try {
            return Optional.of(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty(); // Says nothing about this machine's clock.
        }
    }

    /** How far this process' clock is ahead of the store's, negative if behind; empty before the first answer. */
    Optional<Duration> ahead() {
        return Optional.ofNullable(ahead);
    }
}
