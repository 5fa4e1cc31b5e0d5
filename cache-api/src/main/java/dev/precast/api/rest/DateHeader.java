package dev.precast.api.rest;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Adds the header {@code Date} (RFC 9110, 6.6.1) to all answers, so that clients can detect a wrong clock. */
@Singleton
final class DateHeader {
    private static final int BEFORE_ACCESS = Access.FIRST + 1;
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;

    DateHeader(InstantSource clock) {
        this.clock = clock;
    }

    void register(@Observes Filters filters) {
        filters.register(this::add, BEFORE_ACCESS);
    }

    private void add(RoutingContext context) {
        context.response().putHeader("Date", IMF_FIXDATE.format(clock.instant()));
        context.next();
    }
}
