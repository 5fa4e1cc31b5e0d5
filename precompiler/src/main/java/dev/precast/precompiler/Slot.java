package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.cache.queue.CompileQueue;
import dev.precast.cache.queue.CompileQueue.Delivery;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.worker.Trouble;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A thread that processes requests, one after another. */
final class Slot {
    private static final System.Logger LOG = System.getLogger(Slot.class.getName());
    private static final Duration TAKE_WAIT = Duration.ofSeconds(1);
    private static final Duration AFTER_FAULT = Duration.ofSeconds(5);
    private static final Duration LONGEST_QUEUE_PAUSE = Duration.ofSeconds(10);
    private static final Duration AFTER_ERROR = Duration.ofMinutes(1);

    private final Workbench bench;
    private final Supplier<Map<LaneId, ServedLane>> served;
    private final CompileQueue queue;
    private final CompileQueue probes;
    private final PrecompilerListener listener;
    private final AtomicInteger busy;
    private final Troubles troubles;
    private final Thread thread;
    private Duration queuePause = TAKE_WAIT;
    private boolean stopping;
    /** Whether the thread takes or answers a request. */
    private boolean occupied;

    /**
     * @param probes the probes to compile when the queue is empty
     * @param busy number of busy slots, shared by all slots
     * @param troubles shared by all slots
     */
    Slot(
            Workbench bench,
            Supplier<Map<LaneId, ServedLane>> served,
            CompileQueue queue,
            CompileQueue probes,
            PrecompilerListener listener,
            AtomicInteger busy,
            Troubles troubles) {
        this.bench = bench;
        this.served = served;
        this.queue = queue;
        this.probes = probes;
        this.listener = listener;
        this.busy = busy;
        this.troubles = troubles;
        // A platform thread: see Landlock.restrictThisThread.
        this.thread = Thread.ofPlatform().daemon().name("precast-slot").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Stops taking requests. A running compilation continues. A take in progress is not interrupted either, because the
     * queue may have delivered a request already, which would then wait for the end of its ack wait.
     */
    synchronized void stopTaking() {
        stopping = true;
        if (!occupied) {
            thread.interrupt();
        }
    }

    /** Stops the running compilation and returns its request to the queue. */
    void interrupt() {
        thread.interrupt();
    }

    void join(Duration wait) throws InterruptedException {
        thread.join(wait);
    }

    private void run() {
        try {
            while (!isStopping()) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Processes one request. An exception does not end the slot. */
    private void turn() throws InterruptedException {
        try {
            if (!troubles.mayTake()) {
                Thread.sleep(TAKE_WAIT);
                return;
            }
            Map<LaneId, ServedLane> lanes = served.get();
            if (lanes.isEmpty()) {
                Thread.sleep(TAKE_WAIT);
                return;
            }
            if (occupy()) {
                try {
                    takeAndAnswer(lanes);
                } finally {
                    free();
                }
            }
        } catch (QueueUnavailableException e) {
            troubles.queueFailed(String.valueOf(e.getMessage()));
            Thread.sleep(queuePause);
            Duration twice = queuePause.multipliedBy(2);
            queuePause = twice.compareTo(LONGEST_QUEUE_PAUSE) < 0 ? twice : LONGEST_QUEUE_PAUSE;
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "slot: failed, continues with the next request: " + e, e);
            Thread.sleep(AFTER_FAULT);
        }
    }

    private void takeAndAnswer(Map<LaneId, ServedLane> lanes) throws InterruptedException {
        Optional<Delivery> delivery = queue.take(lanes.keySet(), TAKE_WAIT);
        troubles.queueAnswered();
        queuePause = TAKE_WAIT;
        if (delivery.isPresent()) {
            answer(delivery.get(), lanes, "compiled");
            return;
        }
        Optional<Delivery> probe = probes.take(lanes.keySet(), Duration.ZERO);
        if (probe.isPresent()) {
            answer(probe.get(), lanes, "probe");
        }
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** Returns false if this slot stops. */
    private synchronized boolean occupy() {
        occupied = !stopping;
        return occupied;
    }

    private synchronized void free() {
        occupied = false;
    }

    /** @param compiled the label that the listener gets for a compilation */
    private void answer(Delivery delivery, Map<LaneId, ServedLane> lanes, String compiled) throws InterruptedException {
        if (isStopping()) {
            delivery.nak(Duration.ZERO);
            return;
        }
        try {
            work(delivery, lanes, compiled);
        } catch (Error e) {
            // The nak is first, because the rest may fail: the in-process queue does not redeliver a request by itself.
            delivery.nak(AFTER_ERROR);
            throw e;
        }
    }

    private void work(Delivery delivery, Map<LaneId, ServedLane> lanes, String compiled) throws InterruptedException {
        Thread keeper = Thread.ofVirtual().name("precast-keep").start(() -> keep(delivery));
        EngineId engine = delivery.request().key().lane().engine();
        long start = System.nanoTime();
        listener.slots(busy.incrementAndGet(), bench.config().slots());
        listener.started(engine);
        String label = "handed-back";
        long bytes = 0;
        try {
            switch (compile(delivery, lanes)) {
                case Answer.Done done -> {
                    // Set before the ack, because the ack may fail although the compilation is done.
                    label = done.bytes() > 0 ? compiled : done.label();
                    bytes = done.bytes();
                    bench.left().answered(delivery.request().key());
                    delivery.ack();
                }
                case Answer.HandBack back -> delivery.nak(back.delay());
            }
        } finally {
            keeper.interrupt();
            listener.finished(engine, label, Duration.ofNanos(System.nanoTime() - start), bytes);
            listener.slots(busy.decrementAndGet(), bench.config().slots());
        }
    }

    /** Compiles one request. After an exception the request returns to the queue. */
    private Answer compile(Delivery delivery, Map<LaneId, ServedLane> lanes) {
        ArtifactKey key = delivery.request().key();
        ServedLane lane = Objects.requireNonNull(lanes.get(key.lane()), "queue: delivered a request of another lane");
        try {
            Answer answer = new Compilation(bench, lane, key, troubles::disk).run();
            if (answer instanceof Answer.Done done && done.wasStored()) {
                troubles.succeeded(key);
            }
            return answer;
        } catch (InterruptedException e) {
            return new Answer.HandBack(Duration.ZERO);
        } catch (SupervisorTroubleException | VirtualMachineError e) {
            Trouble trouble = Troubles.of(e);
            listener.error(trouble.kind());
            troubles.stop(trouble);
            return new Answer.HandBack(AFTER_FAULT);
        } catch (StoreException | IOException e) {
            LOG.log(Level.WARNING, "compiling " + key + ": " + e.getMessage());
            return afterError(key, e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "compiling " + key + ": " + e.getMessage(), e);
            return afterError(key, e);
        }
    }

    /** Hands the request back after an error that is not the module's, with a delay that grows. */
    private Answer afterError(ArtifactKey key, Exception e) {
        Trouble trouble = Troubles.of(e);
        listener.error(trouble.kind());
        return new Answer.HandBack(Troubles.delay(troubles.failed(key, trouble)));
    }

    private static void keep(Delivery delivery) {
        try {
            while (true) {
                Thread.sleep(delivery.inProgressInterval());
                try {
                    delivery.inProgress();
                } catch (QueueUnavailableException e) {
                    LOG.log(Level.WARNING, "queue: in-progress failed: " + e.getMessage());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
