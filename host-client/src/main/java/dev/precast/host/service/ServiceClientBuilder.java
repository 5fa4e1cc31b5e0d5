package dev.precast.host.service;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ServiceClient}. Not thread safe. */
public final class ServiceClientBuilder {
    private final URI service;
    private final List<String> redirectOrigins = new ArrayList<>();
    private @Nullable Supplier<@Nullable String> token;
    private Duration connectTime = Duration.ofSeconds(3);
    private Duration answerTime = Duration.ofSeconds(10);
    private Duration bodyTime = Duration.ofSeconds(30);
    private boolean backOff = true;

    ServiceClientBuilder(URI service) {
        String origin = ServiceCalls.origin(service);
        String path = String.valueOf(service.getPath());
        this.service = URI.create(origin + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path));
        redirectOrigins.add(origin);
    }

    /** Gives the bearer token of each call, null for none. Sent to the service alone. */
    public ServiceClientBuilder token(Supplier<@Nullable String> supplier) {
        this.token = supplier;
        return this;
    }

    /** Allows payloads to be redirected to that origin, such as a store's; the service's own is always allowed. */
    public ServiceClientBuilder redirectsTo(URI origin) {
        redirectOrigins.add(ServiceCalls.origin(origin));
        return this;
    }

    /** Time for a connection; 3 s unless set. */
    public ServiceClientBuilder connectWithin(Duration time) {
        this.connectTime = time;
        return this;
    }

    /** Time until an answer begins, beyond waiting that was asked for; also how long an upload may stall. 10 s unless set. */
    public ServiceClientBuilder answerWithin(Duration time) {
        this.answerTime = time;
        return this;
    }

    /** Time for the body of an answer, beyond a second for each 256 KiB that it may have; 30 s unless set. */
    public ServiceClientBuilder bodyWithin(Duration time) {
        this.bodyTime = time;
        return this;
    }

    /** Sends each call, also right after the service did not answer; otherwise calls fail for 1 s then, doubling up to 60 s. */
    public ServiceClientBuilder withoutBackOff() {
        this.backOff = false;
        return this;
    }

    public ServiceClient build() {
        return new ServiceClient(service, calls(backOff), calls(false));
    }

    private ServiceCalls calls(boolean backsOff) {
        ServiceCalls.Times times = new ServiceCalls.Times(connectTime, answerTime, bodyTime);
        return new ServiceCalls(service, redirectOrigins, token, times, backsOff);
    }
}
