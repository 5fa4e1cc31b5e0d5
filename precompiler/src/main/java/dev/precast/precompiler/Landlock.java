package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Lets processes open only the files they are given and, as far as the kernel's version of Landlock goes, reach no TCP
 * port and signal nobody outside (no privilege needed; see the kernel's userspace-api/landlock page). UDP, and Unix sockets
 * that have a path, stay open.
 *
 * <p>A Landlock domain belongs to a thread and is inherited by what it starts. So a thread is made for each child: it
 * gives up its own rights, starts the child and ends. The rest of this process keeps its rights, and no launcher
 * stands between.
 */
final class Landlock {
    private static final int CREATE_RULESET = 444;
    private static final int ADD_RULE = 445;
    private static final int RESTRICT_SELF = 446;
    private static final int ASK_VERSION = 1;
    private static final int RULE_PATH_BENEATH = 1;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int O_PATH_CLOEXEC = 0x200000 | 0x80000;

    private static final long EXECUTE = 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    /** Execute, write, read, truncate, ioctl. */
    private static final long RIGHTS_OF_FILES = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;

    /** The versions from which on truncating files, TCP, and signals with abstract Unix sockets are stopped. */
    private static final int TRUNCATE = 3;

    private static final int TCP = 4;
    private static final int SCOPE = 6;

    private static final long NET_ALL = 3;
    private static final long SCOPE_ALL = 3;

    /** What a JVM or a compiler needs of the system. A list of files, not /proc itself: that shows other processes. */
    private static final List<Path> SYSTEM_PROGRAMS =
            List.of(Path.of("/usr"), Path.of("/bin"), Path.of("/lib"), Path.of("/lib64"));

    private static final List<Path> SYSTEM_FILES = List.of(
            Path.of("/etc/ld.so.cache"),
            Path.of("/etc/localtime"),
            Path.of("/proc/meminfo"),
            Path.of("/proc/cpuinfo"),
            Path.of("/proc/stat"),
            Path.of("/proc/sys"),
            Path.of("/sys/devices/system/cpu"),
            Path.of("/dev/urandom"),
            Path.of("/dev/random"),
            Path.of("/dev/zero"));

    private static final Path DEV_NULL = Path.of("/dev/null");

    private final Calls calls;
    private final int version;

    private Landlock(Calls calls, int version) {
        this.calls = calls;
        this.version = version;
    }

    /** Landlock of this kernel. */
    static Support detect() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return new Support.Missing("this system is not Linux");
        }
        try {
            Calls calls = new Calls();
            long version = calls.system(CREATE_RULESET, 0, 0, ASK_VERSION);
            return version < 1
                    ? new Support.Missing("the kernel has Landlock switched off")
                    : new Support.Available(new Landlock(calls, (int) version));
        } catch (RuntimeException | Error e) {
            return new Support.Missing("native calls are not possible: " + e.getMessage());
        }
    }

    /** The kernel's version of Landlock. */
    int version() {
        return version;
    }

    /** Why a version keeps no child to its files; empty if it does. */
    static Optional<String> tooOld(int version) {
        return version < TRUNCATE
                ? Optional.of("Landlock of this kernel is of version " + version
                        + ", which lets a child empty any file of this user; expected at least version " + TRUNCATE
                        + " (Linux 6.2)")
                : Optional.empty();
    }

    /** What a version leaves to a child that a newer one takes from it; empty if nothing. */
    static Optional<String> leftOpen(int version) {
        if (version >= SCOPE) {
            return Optional.empty();
        }
        return Optional.of(
                "Landlock of this kernel is of version " + version + ": a child can signal every process of this"
                        + " user, this one too" + (version < TCP ? ", and reach TCP ports" : "") + "; version " + SCOPE
                        + " (Linux 6.12) would stop that");
    }

    /**
     * From now on the calling thread, and what it starts, may read and execute the system's programs and {@code
     * readable}, do anything but execute in {@code own}, and nothing else. It gains no privileges any more either.
     *
     * <p>A thread that it starts is confined too, also one of a pool. So whatever waits for it has to be a platform
     * thread: waking a virtual one may start a carrier.
     *
     * @throws IOException if it cannot be confined
     */
    void restrictThisThread(List<Path> readable, Path own) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ruleset = arena.allocate(24, 8);
            ruleset.set(JAVA_LONG, 0, everyFileRight());
            ruleset.set(JAVA_LONG, 8, version >= TCP ? NET_ALL : 0);
            ruleset.set(JAVA_LONG, 16, version >= SCOPE ? SCOPE_ALL : 0);
            long rules =
                    calls.system(CREATE_RULESET, ruleset.address(), version >= SCOPE ? 24 : version >= TCP ? 16 : 8, 0);
            require("creating the rules", rules);
            try {
                allow(arena, rules, SYSTEM_PROGRAMS, EXECUTE | READ_FILE | READ_DIR);
                allow(arena, rules, SYSTEM_FILES, READ_FILE | READ_DIR);
                allow(arena, rules, readable, EXECUTE | READ_FILE | READ_DIR);
                allow(arena, rules, List.of(DEV_NULL, own), everyFileRight() & ~EXECUTE);
                require("giving up privileges", calls.processControl(PR_SET_NO_NEW_PRIVS, 1));
                require("restricting", calls.system(RESTRICT_SELF, rules, 0, 0));
            } finally {
                calls.close((int) rules);
            }
        }
    }

    private long everyFileRight() {
        int rights = version >= 5 ? 16 : version >= TRUNCATE ? 15 : version == 2 ? 14 : 13;
        return (1L << rights) - 1;
    }

    private void allow(Arena arena, long rules, List<Path> paths, long rights) throws IOException {
        for (Path path : paths) {
            if (!Files.exists(path)) {
                continue;
            }
            int opened = calls.open(arena.allocateFrom(path.toRealPath().toString()), O_PATH_CLOEXEC);
            require("opening " + path, opened);
            try {
                // Packed: 64 bits of rights, then the descriptor. A file takes no rights of folders.
                MemorySegment rule = arena.allocate(16, 8);
                rule.set(JAVA_LONG, 0, Files.isDirectory(path) ? rights : rights & RIGHTS_OF_FILES);
                rule.set(JAVA_INT, 8, opened);
                require("allowing " + path, calls.system(ADD_RULE, rules, RULE_PATH_BENEATH, rule.address()));
            } finally {
                calls.close(opened);
            }
        }
    }

    private static void require(String doing, long result) throws IOException {
        if (result < 0) {
            throw new IOException("Landlock: " + doing + " failed");
        }
    }

    /** Whether processes can be confined here. */
    sealed interface Support {
        record Available(Landlock landlock) implements Support {}

        /** @param why for people */
        record Missing(String why) implements Support {}
    }

    /** The C library's functions that are needed. */
    private static final class Calls {
        private static final Linker LINKER = Linker.nativeLinker();

        private final MethodHandle syscall = function(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        private final MethodHandle prctl = function(
                "prctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
                Linker.Option.firstVariadicArg(1));
        private final MethodHandle open =
                function("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
        private final MethodHandle close = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

        private static MethodHandle function(String name, FunctionDescriptor type, Linker.Option... options) {
            return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type, options);
        }

        long system(long number, long a, long b, long c) {
            try {
                return (long) syscall.invokeExact(number, a, b, c, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("system call " + number, e);
            }
        }

        int processControl(int option, long value) {
            try {
                return (int) prctl.invokeExact(option, value, 0L, 0L, 0L);
            } catch (Throwable e) {
                throw new IllegalStateException("prctl " + option, e);
            }
        }

        int open(MemorySegment path, int flags) {
            try {
                return (int) open.invokeExact(path, flags);
            } catch (Throwable e) {
                throw new IllegalStateException("open", e);
            }
        }

        void close(int descriptor) {
            try {
                int ignored = (int) close.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new IllegalStateException("close", e);
            }
        }
    }
}
