package dev.precast.host.service;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Repeats calls that failed for a reason that passes, such as a replica that stops. All calls of the protocol may be
 * repeated. Thread safe.
 *
 * @param time maximum time from the first call to the start of the last one; with zero, calls are not repeated
 */
record Retries(Duration time) {
    static final Retries NONE = new Retries(Duration.ZERO);

    /** A call of the service. */
    interface Call<T> {
        T run() throws IOException;
    }

    /** The repetitions of a group of clients: the longest. */
    static Retries longest(List<ServiceClient> clients) {
        return clients.stream()
                .map(ServiceClient::retries)
                .max(Comparator.comparing(Retries::time))
                .orElse(NONE);
    }

    <T> T run(Call<T> call) throws IOException {
        long end = System.nanoTime() + time.toNanos();
        while (true) {
            try {
                return call.run();
            } catch (IOException e) {
                Optional<Duration> pause = pauses(e).min(Comparator.naturalOrder());
                if (pause.isEmpty() || System.nanoTime() + pause.get().toNanos() - end > 0) {
                    throw e;
                }
                sleep(pause.get(), e);
            }
        }
    }

    /** After how long the call may succeed, for this failure and for those of other addresses. */
    private static Stream<Duration> pauses(Throwable e) {
        Stream<Duration> own = e instanceof ServiceException failed ? failed.passesIn().stream() : Stream.empty();
        return Stream.concat(own, Stream.of(e.getSuppressed()).flatMap(Retries::pauses));
    }

    /** Whether there is a service, which may answer the next time: a connection broke, or the answer was late. */
    static boolean passes(@Nullable Throwable failure) {
        return isBreak(failure)
                || (failure instanceof HttpTimeoutException && !(failure instanceof HttpConnectTimeoutException));
    }

    /** Whether a connection broke that had been open. */
    static boolean isBreak(@Nullable Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof ServiceException)
                && !(failure instanceof ConnectException)
                && !(failure instanceof HttpTimeoutException)
                && !(failure instanceof SocketTimeoutException)
                && !(failure instanceof UnknownHostException);
    }

    private static void sleep(Duration pause, IOException failed) throws IOException {
        try {
            long millis = pause.toMillis();
            Thread.sleep(millis + ThreadLocalRandom.current().nextLong(millis / 10 + 1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed;
        }
    }
}
