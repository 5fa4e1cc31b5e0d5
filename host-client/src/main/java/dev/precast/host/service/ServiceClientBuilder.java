package dev.precast.host.service;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link ServiceClient}. Not thread safe. */
public final class ServiceClientBuilder {
    private final URI service;
    private final List<String> stores = new ArrayList<>();
    private @Nullable Supplier<@Nullable String> token;
    private Duration connectTime = Duration.ofSeconds(3);
    private Duration answerTime = Duration.ofSeconds(10);
    private Duration bodyTime = Duration.ofSeconds(30);
    private Duration retryTime = Duration.ZERO;
    private boolean backOff = true;

    ServiceClientBuilder(URI service) {
        String origin = ServiceCalls.origin(service);
        String path = String.valueOf(service.getPath());
        this.service = URI.create(origin + (path.endsWith("/") ? path.substring(0, path.length() - 1) : path));
    }

    /**
     * Sets the supplier of the bearer token. The supplier may return null; if it throws an
     * {@link java.io.UncheckedIOException}, the call fails. The token is sent only to the service.
     *
     * <p>Default: {@link #localToken} with the folder in the environment variable {@code PRECAST_DATA}, else with
     * {@code ~/.local/share/precast}.
     */
    public ServiceClientBuilder token(Supplier<@Nullable String> supplier) {
        this.token = supplier;
        return this;
    }

    /**
     * Uses the token that a service on this machine without configured authentication writes to its data folder. Calls
     * have no token if the service is on another machine, or if the folder is another service's or another user's.
     *
     * @param data the service's data folder
     */
    public ServiceClientBuilder localToken(Path data) {
        return token(new LocalTokens(data, service));
    }

    /**
     * Asks the service for redirects of payloads, and follows them to this origin, such as that of the service's bucket.
     * Requests to it have no token, no cookies and no client certificate. If the store fails, the service sends the
     * payload itself.
     *
     * @throws IllegalArgumentException if the origin is not https, except on this machine
     */
    public ServiceClientBuilder redirectsTo(URI origin) {
        stores.add(StoreCalls.checked(origin));
        return this;
    }

    /** Sets the time limit for opening a connection. Default: 3 s. */
    public ServiceClientBuilder connectWithin(Duration time) {
        this.connectTime = time;
        return this;
    }

    /**
     * Sets the time from a request to the last byte of its answer, in addition to a requested wait. A lookup has 1 s more
     * for each 64 modules, an upload 1 s more for each 64 KiB. A payload must only begin within this time. Also the
     * longest pause of an upload. Default: 10 s.
     */
    public ServiceClientBuilder answerWithin(Duration time) {
        this.answerTime = time;
        return this;
    }

    /**
     * Sets the longest pause in a payload; also the time for the rest of a payload after {@link #answerWithin}, in
     * addition to 1 s per 256 KiB of its maximum size. Default: 30 s.
     */
    public ServiceClientBuilder bodyWithin(Duration time) {
        this.bodyTime = time;
        return this;
    }

    /**
     * Sets how long calls are repeated that failed for a reason that passes: a replica that stops, a queue or store that
     * does not answer, too many requests, or a connection that broke. Disables the back-off. In a {@link ServiceGroup},
     * all addresses are asked before a call is repeated. Default: zero, no repetition. Loads of hosts repeat requests for
     * compilations by themselves, for as long as their {@link dev.precast.host.MissPolicy} waits.
     */
    public ServiceClientBuilder retryFor(Duration time) {
        this.retryTime = time;
        return this;
    }

    /**
     * Disables the back-off. By default, a call without a complete answer in time makes all calls fail at once for 1 s,
     * doubling with each such failure up to 60 s.
     */
    public ServiceClientBuilder withoutBackOff() {
        this.backOff = false;
        return this;
    }

    public ServiceClient build() {
        Supplier<@Nullable String> bearer = token != null ? token : new LocalTokens(null, service);
        ServiceCalls.Times times = new ServiceCalls.Times(connectTime, answerTime, bodyTime);
        return new ServiceClient(
                service,
                new ServiceCalls(service, bearer, times, backOff && retryTime.isZero()),
                new ServiceCalls(service, bearer, times, false),
                new StoreCalls(stores, times),
                new Retries(retryTime));
    }
}
