package dev.precast.host.service;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream with size and time limits. {@code java.net.http} has none: its timeout covers only
 * the headers. Only one thread may read; closing aborts the connection.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {
    private final String service;
    private final long maxBytes;
    private final long stallNanos;
    private final long deadline;
    private final Consumer<Ending> end;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
    private Flow.@Nullable Subscription subscription;
    private boolean complete;
    private boolean closed;
    private @Nullable Throwable failure;
    private boolean ended;
    private long taken;

    /** How a body ended. */
    enum Ending {
        /** It was complete, or the reader needed no more of it. */
        WHOLE,
        /** It was cut off or too large. */
        BROKEN,
        /** It stalled or was not complete by its deadline. */
        LATE
    }

    /**
     * @param service the service, for messages
     * @param maxBytes maximum number of bytes; a longer body is a {@link ServiceException.BadAnswer}
     * @param stall maximum time without a byte; a longer pause is a {@link ServiceException.NoAnswer}
     * @param deadline when the body must be complete, a value of {@link System#nanoTime()}; a slower body is a
     *     {@link ServiceException.NoAnswer}
     * @param end gets the way the body ended, once
     */
    BodyStream(String service, long maxBytes, Duration stall, long deadline, Consumer<Ending> end) {
        this.service = service;
        this.maxBytes = maxBytes;
        this.stallNanos = stall.toNanos();
        this.deadline = deadline;
        this.end = end;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        boolean wanted;
        lock.lock();
        try {
            wanted = !closed && subscription == null;
            if (wanted) {
                subscription = given;
            }
        } finally {
            lock.unlock();
        }
        if (wanted) {
            given.request(1);
        } else {
            given.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> more) {
        signal(() -> buffers.addAll(more));
    }

    @Override
    public void onError(Throwable cause) {
        signal(() -> failure = cause);
    }

    @Override
    public void onComplete() {
        signal(() -> complete = true);
    }

    private void signal(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            ByteBuffer head = await();
            if (head == null) {
                return -1;
            }
            int n = Math.min(length, head.remaining());
            head.get(into, offset, n);
            taken += n;
            if (taken > maxBytes) {
                end(Ending.BROKEN);
                throw new ServiceException.BadAnswer(
                        service + ": answer too large (expected at most " + maxBytes + " bytes)", null);
            }
            return n;
        } finally {
            lock.unlock();
        }
    }

    /** The next bytes; null at the end. Requests more only when all were read, so that little is buffered. */
    private @Nullable ByteBuffer await() throws IOException {
        while (true) {
            while (!buffers.isEmpty() && !buffers.element().hasRemaining()) {
                buffers.remove();
                if (buffers.isEmpty() && subscription != null && !complete) {
                    subscription.request(1);
                }
            }
            if (closed) {
                throw noAnswer("closed", null);
            }
            if (!buffers.isEmpty()) {
                return buffers.element();
            }
            if (failure != null) {
                end(Ending.BROKEN);
                throw noAnswer("cut off", failure);
            }
            if (complete) {
                end(Ending.WHOLE);
                return null;
            }
            waitForChange();
        }
    }

    /** Waits for a change. Callers check the state in a loop. */
    @SuppressWarnings("WaitNotInLoop")
    private void waitForChange() throws IOException {
        long left = Math.min(stallNanos, deadline - System.nanoTime());
        try {
            if (left <= 0 || changed.awaitNanos(left) <= 0) {
                end(Ending.LATE);
                throw noAnswer("not complete in time", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw noAnswer("interrupted", e);
        }
    }

    private void end(Ending ending) {
        if (!ended) {
            ended = true;
            end.accept(ending);
        }
    }

    private ServiceException.NoAnswer noAnswer(String why, @Nullable Throwable cause) {
        return new ServiceException.NoAnswer(
                service + ": answer " + why + ", after " + taken + " bytes" + (cause == null ? "" : ": " + cause),
                cause);
    }

    @Override
    public void close() {
        Flow.Subscription given;
        lock.lock();
        try {
            given = complete ? null : subscription;
            closed = true;
            buffers.clear();
            end(Ending.WHOLE);
        } finally {
            lock.unlock();
        }
        if (given != null) {
            given.cancel();
        }
    }
}
