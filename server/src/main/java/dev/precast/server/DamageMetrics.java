package dev.precast.server;

import dev.precast.cache.damage.Checks.Submitted;
import dev.precast.cache.damage.DamageListener;
import dev.precast.cache.damage.Healed;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.damage.Reports;
import dev.precast.cache.damage.Reports.Received;
import dev.precast.cache.damage.Scrub;
import dev.precast.cache.store.DamageLog;
import dev.precast.protocol.ReportReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Metrics of damage. All exist from the start, so that an alert on an increase sees the first one. */
@Singleton
final class DamageMetrics implements DamageListener, Reports.Listener {
    private static final String CHECKING = "checking";
    private static final String REFUSED = "refused";

    private final MeterRegistry registry;
    private final Counter bytes;
    private final Map<Result, Counter> results;

    DamageMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (ReportReason reason : ReportReason.values()) {
            Stream.concat(Arrays.stream(Healed.values()).map(DamageMetrics::label), Stream.of(CHECKING, REFUSED))
                    .forEach(result -> reports(reason, result));
        }
        reports(ReportReason.UNLOADABLE, label(Rechecks.Opened.OPEN));
        reports(ReportReason.UNLOADABLE, label(Rechecks.Opened.CLOSED));
        FunctionCounter.builder("precast.damage.found", DamageLog.SHARED, DamageLog::count)
                .description("Damaged documents, modules and payloads; the same object counts once a day.")
                .register(registry);
        bytes = Counter.builder("precast.damage.checked.bytes")
                .description("Bytes of payloads that were read to check them.")
                .register(registry);
        results = Arrays.stream(Result.values())
                .collect(Collectors.toMap(
                        result -> result,
                        result -> Counter.builder("precast.damage.payloads")
                                .description("Payloads that were damaged or missing when they were checked.")
                                .tag("result", label(result))
                                .register(registry)));
    }

    private Counter reports(ReportReason reason, String result) {
        return Counter.builder("precast.reports")
                .description("Reports of hosts about artifacts that are damaged or do not load.")
                .tag("reason", reason.label())
                .tag("result", result)
                .register(registry);
    }

    @Override
    public void answered(ReportReason reason, Received answer) {
        String result = switch (answer) {
            case Received.Unknown _ -> label(Healed.ABSENT);
            case Received.Checked(Submitted.Done done) -> label(done.healed());
            case Received.Checked(Submitted.Running _) -> CHECKING;
            case Received.Checked(Submitted.Full _) -> REFUSED;
            case Received.Tested(Rechecks.Opened recheck) -> recheck == Rechecks.Opened.BUSY ? REFUSED : label(recheck);
        };
        reports(reason, result).increment();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Adds the age of the last whole scrub. */
    void watch(Scrub scrub, InstantSource clock) {
        Gauge.builder("precast.scrub.age", scrub, it -> age(it, clock))
                .description("Seconds since the end of the last scrub that checked everything; NaN if there was none.")
                .baseUnit("seconds")
                .register(registry);
    }

    private static double age(Scrub scrub, InstantSource clock) {
        return scrub.wholeAt()
                .map(end -> Duration.between(end, clock.instant()).toMillis() / 1e3)
                .orElse(Double.NaN);
    }

    @Override
    public void checked(long count) {
        bytes.increment(count);
    }

    @Override
    public void found(Result result) {
        Objects.requireNonNull(results.get(result)).increment();
    }
}
