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

/** The few system calls of Linux that Java has no name for. Numbers are those of the kernel's user headers. */
final class Libc {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int RLIMIT_CPU = 0;
    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_CORE = 4;
    private static final int SIGKILL = 9;
    private static final int WNOHANG = 1;

    private static final Optional<Libc> LOADED = load();

    private final MethodHandle prctl;
    private final MethodHandle prlimit;
    private final MethodHandle waitpid;
    private final MethodHandle kill;
    private final int pageBytes;

    private Libc() throws Throwable {
        prctl = function(
                "prctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        prlimit = function("prlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        waitpid = function("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        kill = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        pageBytes =
                (int) function("getpagesize", FunctionDescriptor.of(JAVA_INT)).invokeExact();
    }

    /** Empty on other systems, and where native access is denied to this class. */
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
                    .log(System.Logger.Level.WARNING, "no native access, children are confined less: " + e);
            return Optional.empty();
        }
    }

    private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
    }

    /** Size of a page of memory in bytes. */
    int pageBytes() {
        return pageBytes;
    }

    /** Makes this process the parent of descendants that lose theirs; whether that worked. */
    boolean adoptOrphans() {
        return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
    }

    /** Makes memory and files of this process unreadable for others of its user; whether that worked. */
    boolean hideFromOthers() {
        return prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE, 0) == 0;
    }

    /** What the calling thread starts from now on never gains privileges, and is known by that; whether that worked. */
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
     * Limits that the kernel itself holds, for one process and those that it starts from then on.
     *
     * @param fileBytes size of a file that it writes
     */
    void limit(long pid, long cpuSeconds, long fileBytes) {
        limit(pid, RLIMIT_CORE, 0, 0);
        limit(pid, RLIMIT_FSIZE, fileBytes, fileBytes);
        limit(pid, RLIMIT_CPU, cpuSeconds, cpuSeconds + 1);
    }

    private void limit(long pid, int resource, long soft, long hard) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment rlimit = arena.allocateFrom(JAVA_LONG, soft, hard);
            // A process that ended already needs no limit, so the answer does not matter.
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

    /** Takes note of the end of a child that Java does not know of. */
    void reap(long pid) {
        try {
            int unused = (int) waitpid.invokeExact((int) pid, MemorySegment.NULL, WNOHANG);
        } catch (Throwable e) {
            throw new LinkageError("waitpid", e);
        }
    }
}
