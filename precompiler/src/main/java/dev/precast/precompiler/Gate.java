package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.precompiler.SystemCall.Architecture;
import dev.precast.precompiler.Way.Knock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Stops a new child at the system calls of its {@link Way}, before an instruction of its pack runs. Once closed, it
 * stays closed: the kernel answers ENOSYS to these calls. Not thread safe.
 *
 * <p>The kernel sends each call to the listener of the child's filter; see SECCOMP_RET_USER_NOTIF in seccomp(2). The
 * arguments are in registers, so no other thread can change them.
 */
final class Gate implements AutoCloseable {
    private static final long PATIENCE_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int TICK_MILLIS = 50;

    private static final int RECEIVE = 0xc0502100;
    private static final int SEND = 0xc0182101;
    private static final int CONTINUE = 1;
    /** Size and offsets of the kernel's structures seccomp_notif and seccomp_notif_resp. */
    private static final long NOTIFICATION_BYTES = 80;

    private static final long PID = 8;
    private static final long NUMBER = 16;
    private static final long FIRST_ARGUMENT = 32;
    private static final long RESPONSE_BYTES = 24;
    private static final long FLAGS = 20;

    private final Libc libc;
    private final Architecture architecture;
    private final int listener;

    /** @param listener the descriptor of the filter's listener, which {@link #close} closes */
    Gate(Libc libc, Architecture architecture, int listener) {
        this.libc = libc;
        this.architecture = architecture;
        this.listener = listener;
    }

    /** A process at the gate. */
    interface Guard {
        /** @throws IOException if the process must not go on */
        void inspect(long pid) throws IOException;
    }

    /**
     * Waits until a process of a child makes the call, and lets it make the call.
     *
     * @param process the child
     * @param guard called while the process waits
     * @throws IOException if the child ends without the call, or makes another one
     */
    void pass(Process process, Knock knock, Guard guard) throws IOException {
        long start = System.nanoTime();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment notification = arena.allocate(NOTIFICATION_BYTES, 8);
            while (!receive(notification)) {
                if (!process.isAlive()) {
                    throw new IOException(lastWords(process));
                }
                if (System.nanoTime() - start > PATIENCE_NANOS) {
                    throw new IOException("not ready after 30 s");
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new IOException("interrupted");
                }
            }
            int number = notification.get(JAVA_INT, NUMBER);
            long argument = notification.get(JAVA_LONG, FIRST_ARGUMENT);
            if (number != knock.call().number(architecture) || argument != knock.argument()) {
                throw new IOException("unexpected system call (expected "
                        + knock.call().name() + " " + knock.argument() + ", found " + number + " " + argument + ")");
            }
            guard.inspect(notification.get(JAVA_INT, PID));
            MemorySegment response = arena.allocate(RESPONSE_BYTES, 8);
            response.set(JAVA_LONG, 0, notification.get(JAVA_LONG, 0));
            response.set(JAVA_INT, FLAGS, CONTINUE);
            long unused = libc.require("answering a system call", libc.control(listener, SEND, response));
        }
    }

    /** Returns whether a call was received. The process may also have been killed while it waited. */
    private boolean receive(MemorySegment notification) {
        if (!libc.isReadable(listener, TICK_MILLIS)) {
            return false;
        }
        notification.fill((byte) 0);
        return libc.control(listener, RECEIVE, notification) == 0;
    }

    private static String lastWords(Process process) throws IOException {
        String words = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return words.isEmpty() ? "ended before its limits were set" : words;
    }

    @Override
    public void close() {
        libc.close(listener);
    }
}
