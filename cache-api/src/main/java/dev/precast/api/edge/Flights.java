package dev.precast.api.edge;

import dev.precast.api.json.ProblemException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests to the upstream, one for each key at a time: all hosts that ask in the meantime get its answer. Thread safe.
 */
final class Flights<K, V> {
    private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

    /** A request with the token of one host. */
    interface Request<V> {
        /** @throws ProblemException if the upstream refuses the request, perhaps because of the token */
        V send() throws UpstreamException;
    }

    /**
     * Sends the request, or waits for the answer to another host's request. If the upstream refuses another host's
     * request, sends this one.
     *
     * @param within how long to wait; the request then continues
     * @return empty if there is no answer within that time
     */
    Optional<V> join(K key, Duration within, Request<V> request) throws UpstreamException {
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> other = flights.putIfAbsent(key, mine);
        if (other == null) {
            Thread.startVirtualThread(() -> fly(key, request, mine));
            return await(mine, within);
        }
        try {
            return await(other, within);
        } catch (ProblemException e) {
            return Optional.of(request.send());
        }
    }

    /**
     * Like {@link #join}, for callers that need the answer.
     *
     * @throws UpstreamException also if there is no answer within the time
     */
    V answer(K key, Duration within, Request<V> request) throws UpstreamException {
        return join(key, within, request).orElseThrow(() -> new UpstreamException(Upstream.unavailable("too slow")));
    }

    private void fly(K key, Request<V> request, CompletableFuture<V> result) {
        try {
            V answer = request.send();
            flights.remove(key, result);
            result.complete(answer);
        } catch (UpstreamException | RuntimeException | Error e) {
            flights.remove(key, result);
            result.completeExceptionally(e);
        }
    }

    private Optional<V> await(CompletableFuture<V> result, Duration within) throws UpstreamException {
        try {
            return Optional.of(result.get(within.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException(Upstream.unavailable("interrupted"));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case UpstreamException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case null, default -> throw new IllegalStateException("request to the upstream failed", e.getCause());
            }
        }
    }
}
