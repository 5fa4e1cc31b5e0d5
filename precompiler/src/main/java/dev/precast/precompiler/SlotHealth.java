package dev.precast.precompiler;

import dev.precast.cache.outcome.Limits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether a slot can start and watch children. After trouble of this machine, the slot takes no requests until a child
 * that does nothing could be started. Used by the thread of the slot only.
 */
final class SlotHealth {
    private static final System.Logger LOG = System.getLogger(SlotHealth.class.getName());
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Limits LIMITS = new Limits(16, 512, 30, 60, 16);
    private static final int TRIAL_BYTES = 1 << 16;

    private final Path jobs;
    private final PrecompilerListener listener;
    private final AtomicInteger unwell;
    private final int slots;
    /** Zero while the slot is well. */
    private Duration pause = Duration.ZERO;

    /**
     * @param jobs the folder for children's folders
     * @param unwell number of unwell slots, shared by all slots
     * @param slots number of slots
     */
    SlotHealth(Path jobs, PrecompilerListener listener, AtomicInteger unwell, int slots) {
        this.jobs = jobs;
        this.listener = listener;
        this.unwell = unwell;
        this.slots = slots;
    }

    boolean isWell() {
        return pause.isZero();
    }

    /** Records trouble of this machine. */
    void trouble(Throwable trouble) {
        String why = trouble instanceof IOException ? String.valueOf(trouble.getMessage()) : trouble.toString();
        listener.supervisorTrouble();
        if (isWell()) {
            LOG.log(
                    Level.ERROR,
                    "slot: cannot compile, because this machine lacks something (" + why
                            + "); takes no requests until a child starts again");
            listener.unwell(unwell.incrementAndGet(), slots);
            pause = FIRST_PAUSE;
        } else {
            LOG.log(Level.DEBUG, "slot: still cannot compile: " + why);
            Duration twice = pause.multipliedBy(2);
            pause = twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
        }
    }

    /** Waits, then starts a child that does nothing. If this works, the slot is well. */
    void recover() throws InterruptedException {
        Thread.sleep(pause);
        try {
            startAChild();
        } catch (IOException | VirtualMachineError e) {
            trouble(e);
            return;
        }
        LOG.log(Level.INFO, "slot: can compile again");
        pause = Duration.ZERO;
        listener.unwell(unwell.decrementAndGet(), slots);
    }

    private void startAChild() throws IOException, InterruptedException {
        try (ChildFolder folder = ChildFolder.in(jobs)) {
            folder.write(PackCommand.IN, new ByteArrayInputStream(new byte[TRIAL_BYTES]));
            List<String> command = List.of(PackCommand.java().toString(), "-Xmx16m", "-XX:+UseSerialGC", "-version");
            ChildProcess.Result result = new ChildProcess(folder, List.of(), LIMITS).run(command);
            if (!(result instanceof ChildProcess.Exited exited && exited.code() == 0)) {
                throw new SupervisorTroubleException("trial child: expected exit code 0, found " + result, null);
            }
        }
    }
}
