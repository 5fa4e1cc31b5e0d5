package dev.precast.api.rest;

import dev.precast.api.connection.ClientRequest;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Limits the number of concurrent large downloads, and the memory that each of them needs. Thread safe. */
public final class DownloadGate {
    private final Semaphore places;
    private final int most;
    private final Duration timeout;

    /**
     * @param most maximum number of concurrent downloads
     * @param timeout how long a download waits for its turn
     */
    public DownloadGate(int most, Duration timeout) {
        this.places = new Semaphore(most);
        this.most = most;
        this.timeout = timeout;
    }

    /** @param sent receives the number of sent bytes, at the end of a download */
    Download download(RoutingContext context, LongConsumer sent) {
        return new Download(Objects.requireNonNull(context.get(Access.REQUEST)), sent);
    }

    /** The answer to one request. */
    final class Download {
        private final ClientRequest request;
        private final LongConsumer sent;

        private Download(ClientRequest request, LongConsumer sent) {
            this.request = request;
            this.sent = sent;
        }

        /** Waits for a place, which the download keeps until its client has received the answer; the problem after the timeout. */
        Optional<Problem> enter() throws InterruptedException {
            if (!places.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                return Optional.of(new Problem(
                        ProblemCode.TOO_MANY_REQUESTS,
                        "downloads: too many (expected at most " + most + " concurrent large downloads); retry later"));
            }
            request.afterwards(places::release);
            return Optional.empty();
        }

        /**
         * Writes a part of the answer, and waits until the operating system has taken it.
         *
         * @throws ClientGoneException if the connection is closed
         */
        void write(OutputStream out, byte[] bytes, int length) throws IOException {
            try {
                out.write(bytes, 0, length);
                out.flush();
                request.awaitSent();
            } catch (IOException e) {
                throw new ClientGoneException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("download: interrupted");
            }
        }

        void sent(long bytes) {
            sent.accept(bytes);
        }
    }
}
