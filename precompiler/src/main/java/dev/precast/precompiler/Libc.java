package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Linux system calls that Java does not offer. The numbers are from the kernel's user headers. A negative result is an
 * error number with its sign changed.
 */
final class Libc {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int RLIMIT_CPU = 0;
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_CORE = 4;
    private static final int RLIMIT_NPROC = 6;
    private static final int RLIMIT_NOFILE = 7;
    private static final int RLIMIT_SIGPENDING = 11;
    private static final int RLIMIT_MSGQUEUE = 12;
    private static final int MOST_OPEN_FILES = 4096;
    private static final int MOST_PENDING_SIGNALS = 1024;
    private static final int SIGKILL = 9;
    private static final int P_ALL = 0;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    private static final short POLLIN = 1;
    /** Size of siginfo_t, and the offset of its member si_pid on 64-bit systems. */
    private static final long SIGINFO_BYTES = 128;

    private static final long SIGINFO_PID = 16;

    private static final int O_PATH_CLOEXEC = 0x200000 | 0x80000;
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
    private static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
    private static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;

    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long LONGEST_ERROR_TEXT_BYTES = 256;

    private static final Optional<Libc> LOADED = load();

    private final MethodHandle syscall;
    private final MethodHandle prctl;
    private final MethodHandle prlimit;
    private final MethodHandle open;
    private final MethodHandle close;
    private final MethodHandle ioctl;
    private final MethodHandle poll;
    private final MethodHandle waitpid;
    private final MethodHandle waitid;
    private final MethodHandle kill;
    private final MethodHandle strerror;
    private final int pageBytes;

    private Libc() throws Throwable {
        syscall = function(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                errno());
        prctl = function(
                "prctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1),
                errno());
        prlimit = function("prlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS), errno());
        open = function(
                "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2), errno());
        close = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT), errno());
        ioctl = function(
                "ioctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                Linker.Option.firstVariadicArg(2),
                errno());
        poll = function("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), errno());
        waitpid = function("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), errno());
        waitid = function("waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT), errno());
        kill = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT), errno());
        strerror = function("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
        pageBytes =
                (int) function("getpagesize", FunctionDescriptor.of(JAVA_INT)).invokeExact();
    }

    /** The C library; empty if the system is not Linux or native access is denied. */
    static Optional<Libc> get() {
        return LOADED;
    }

    private static Optional<Libc> load() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Libc());
        } catch (Throwable e) {
            System.getLogger(Libc.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "C library: native access failed, so supervision of children is limited: " + e);
            return Optional.empty();
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
    }

    private static Linker.Option errno() {
        return Linker.Option.captureCallState("errno");
    }

    /** A call of a function that stores its error number in the given segment. */
    private interface Call {
        long on(MemorySegment state) throws Throwable;
    }

    private static long result(String name, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = call.on(state);
            return result == -1 ? -state.get(JAVA_INT, 0) : result;
        } catch (Throwable e) {
            throw new LinkageError(name, e);
        }
    }

    /**
     * Returns a result that is not an error.
     *
     * @param doing for the message, with the subject: {@code "Landlock: creating the ruleset"}
     * @throws IOException if the result is an error; the message contains the system's text
     */
    long require(String doing, long result) throws IOException {
        if (result >= 0) {
            return result;
        }
        try {
            MemorySegment text = (MemorySegment) strerror.invokeExact((int) -result);
            throw new IOException(doing + " failed: "
                    + text.reinterpret(LONGEST_ERROR_TEXT_BYTES).getString(0));
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new LinkageError("strerror", e);
        }
    }

    /** Makes a system call by its number. */
    long system(int number, long a, long b, long c) {
        return result("system call " + number, state -> (long) syscall.invokeExact(state, (long) number, a, b, c, 0L));
    }

    /** Opens a file; returns its descriptor. */
    int open(String path, int flags) {
        return (int) result("open", state -> {
            try (Arena arena = Arena.ofConfined()) {
                return (int) open.invokeExact(state, arena.allocateFrom(path), flags);
            }
        });
    }

    /**
     * Opens a folder without reading it, so that its permissions do not matter; returns its descriptor. Does not follow
     * a link.
     *
     * @param path the bytes of the path
     */
    int openFolder(byte[] path) {
        return (int) result("open", state -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment text = arena.allocate(path.length + 1L); // Ends with a zero.
                MemorySegment.copy(path, 0, text, JAVA_BYTE, 0, path.length);
                return (int) open.invokeExact(state, text, O_PATH_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
            }
        });
    }

    void close(int descriptor) {
        long unused = result("close", state -> (int) close.invokeExact(state, descriptor));
    }

    /** Makes a request to a descriptor. */
    long control(int descriptor, int request, MemorySegment argument) {
        return result("ioctl", state ->
                (int) ioctl.invokeExact(state, descriptor, Integer.toUnsignedLong(request), argument));
    }

    /** Waits until a descriptor is readable; returns whether it is. */
    boolean isReadable(int descriptor, int millis) {
        long ready = result("poll", state -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment wanted = arena.allocate(8, 4);
                wanted.set(JAVA_INT, 0, descriptor);
                wanted.set(JAVA_SHORT, 4, POLLIN);
                return (int) poll.invokeExact(state, wanted, 1L, millis);
            }
        });
        return ready > 0;
    }

    /** Size of a memory page in bytes. */
    int pageBytes() {
        return pageBytes;
    }

    /** Makes this process the parent of orphaned descendants; returns whether it worked. */
    boolean adoptOrphans() {
        return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
    }

    /**
     * Makes this process's memory and files in /proc unreadable for other processes of the user; returns whether it
     * worked.
     */
    boolean hideFromOthers() {
        return prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE, 0) == 0;
    }

    /**
     * Forbids the calling thread and the processes that it starts to gain privileges. {@link Supervision} recognizes
     * descendants of children by this setting.
     */
    void forbidNewPrivileges() throws IOException {
        long unused = require("giving up privileges", prctl(PR_SET_NO_NEW_PRIVS, 1));
    }

    private long prctl(int option, long value) {
        return result("prctl", state -> (int) prctl.invokeExact(state, option, value, 0L, 0L, 0L));
    }

    /**
     * Sets limits that the kernel enforces, for a process and its later children.
     *
     * @param fileBytes maximum size of a file that the process writes
     */
    void limit(long pid, long cpuSeconds, long fileBytes) {
        limit(pid, RLIMIT_CORE, 0, 0);
        limit(pid, RLIMIT_FSIZE, fileBytes, fileBytes);
        limit(pid, RLIMIT_CPU, cpuSeconds, cpuSeconds + 1);
        limit(pid, RLIMIT_NOFILE, MOST_OPEN_FILES, MOST_OPEN_FILES);
        limit(pid, RLIMIT_SIGPENDING, MOST_PENDING_SIGNALS, MOST_PENDING_SIGNALS);
        limit(pid, RLIMIT_MSGQUEUE, 0, 0);
    }

    /**
     * Limits the processes and threads of a process's user in its user namespace. Without a namespace of its own, the
     * limit would count all processes of this worker's user. The kernel exempts the user root.
     */
    void limitProcesses(long pid, int most) {
        limit(pid, RLIMIT_NPROC, most, most);
    }

    private void limit(long pid, int resource, long soft, long hard) {
        // The result does not matter: the call fails only if the process has ended or has lower limits already.
        long unused = result("prlimit", state -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment rlimit = arena.allocateFrom(JAVA_LONG, soft, hard);
                return (int) prlimit.invokeExact(state, (int) pid, resource, rlimit, MemorySegment.NULL);
            }
        });
    }

    void kill(long pid) {
        long unused = result("kill", state -> (int) kill.invokeExact(state, (int) pid, SIGKILL));
    }

    /** Reaps a child that Java does not know. */
    void reap(long pid) {
        long unused =
                result("waitpid", state -> (int) waitpid.invokeExact(state, (int) pid, MemorySegment.NULL, WNOHANG));
    }

    /** The process id of a child of this process that has ended and was not reaped yet; 0 if there is none. */
    long zombie() {
        return result("waitid", state -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
                int result = (int) waitid.invokeExact(state, P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
                return result == 0 ? info.get(JAVA_INT, SIGINFO_PID) : 0;
            }
        });
    }
}
