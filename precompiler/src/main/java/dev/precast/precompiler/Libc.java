package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Linux system calls that Java does not offer. The numbers are from the kernel's user headers. */
final class Libc {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int RLIMIT_CPU = 0;
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_CORE = 4;
    private static final int SIGKILL = 9;
    private static final int P_ALL = 0;
    private static final int WNOHANG = 1;
    private static final int WEXITED = 4;
    private static final int WNOWAIT = 0x01000000;
    /** Size of siginfo_t, and the offset of its member si_pid on 64-bit systems. */
    private static final long SIGINFO_BYTES = 128;

    private static final long SIGINFO_PID = 16;

    private static final Optional<Libc> LOADED = load();

    private final MethodHandle prctl;
    private final MethodHandle prlimit;
    private final MethodHandle waitpid;
    private final MethodHandle waitid;
    private final MethodHandle kill;
    private final int pageBytes;

    private Libc() throws Throwable {
        prctl = function(
                "prctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        prlimit = function("prlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        waitpid = function("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        waitid = function("waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        kill = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
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
     * Forbids the calling thread and the processes that it starts to gain privileges; returns whether it worked.
     * {@link Supervision} recognizes descendants of children by this setting.
     */
    boolean forbidNewPrivileges() {
        return prctl(PR_SET_NO_NEW_PRIVS, 1) == 0;
    }

    private int prctl(int option, long value) {
        try {
            return (int) prctl.invokeExact(option, value, 0L, 0L, 0L);
        } catch (Throwable e) {
            throw new LinkageError("prctl", e);
        }
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
    }

    private void limit(long pid, int resource, long soft, long hard) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rlimit = arena.allocateFrom(JAVA_LONG, soft, hard);
            // The result does not matter: the call fails only if the process has ended.
            int unused = (int) prlimit.invokeExact((int) pid, resource, rlimit, MemorySegment.NULL);
        } catch (Throwable e) {
            throw new LinkageError("prlimit", e);
        }
    }

    void kill(long pid) {
        try {
            int unused = (int) kill.invokeExact((int) pid, SIGKILL);
        } catch (Throwable e) {
            throw new LinkageError("kill", e);
        }
    }

    /** Reaps a child that Java does not know. */
    void reap(long pid) {
        try {
            int unused = (int) waitpid.invokeExact((int) pid, MemorySegment.NULL, WNOHANG);
        } catch (Throwable e) {
            throw new LinkageError("waitpid", e);
        }
    }

    /** The process id of a child of this process that has ended and was not reaped yet; 0 if there is none. */
    long zombie() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(SIGINFO_BYTES, 8);
            int result = (int) waitid.invokeExact(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT);
            return result == 0 ? info.get(JAVA_INT, SIGINFO_PID) : 0;
        } catch (Throwable e) {
            throw new LinkageError("waitid", e);
        }
    }
}
