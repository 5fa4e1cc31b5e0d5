package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Confines child processes: they can open only the given files and, depending on the kernel's Landlock version, cannot
 * reach TCP ports or signal other processes. Needs no privileges; see the kernel's page userspace-api/landlock. {@link
 * SeccompFilter} refuses what Landlock does not mediate.
 *
 * <p>A Landlock domain belongs to a thread, and processes inherit it from the thread that starts them. So a new thread
 * for each child gives up its rights, starts the child and ends. The rest of this process keeps its rights, and no
 * launcher program is needed.
 */
final class Landlock {
    private static final int CREATE_RULESET = 444;
    private static final int ADD_RULE = 445;
    private static final int RESTRICT_SELF = 446;
    private static final int ASK_VERSION = 1;
    private static final int RULE_PATH_BENEATH = 1;
    private static final int O_PATH_CLOEXEC = 0x200000 | 0x80000;

    private static final long EXECUTE = 1;
    private static final long READ_FILE = 1 << 2;
    private static final long READ_DIR = 1 << 3;
    /** Creating device files and sockets. With a device file, a child with the user root could use the whole disk. */
    private static final long MAKE_DEVICES_AND_SOCKETS = 1 << 6 | 1 << 9 | 1 << 11;

    /** The rights that apply to files: execute, write, read, truncate, ioctl. */
    private static final long RIGHTS_OF_FILES = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;

    /** The first version that can forbid truncating files. */
    private static final int TRUNCATE = 3;

    /** The first version that can forbid TCP. */
    private static final int TCP = 4;
    /** The first version that can forbid signals and abstract Unix sockets. */
    private static final int SCOPE = 6;

    private static final long NET_ALL = 3;
    private static final long SCOPE_ALL = 3;

    private static final List<Path> SYSTEM_PROGRAMS =
            List.of(Path.of("/usr"), Path.of("/bin"), Path.of("/lib"), Path.of("/lib64"));

    /** Other files that a JVM or a compiler needs. Not all of /proc, because it shows other processes. */
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

    private final Libc libc;
    private final int version;

    private Landlock(Libc libc, int version) {
        this.libc = libc;
        this.version = version;
    }

    /** Detects the kernel's support of Landlock. */
    static Support detect() {
        Optional<Libc> libc = Libc.get();
        if (libc.isEmpty()) {
            return new Support.Missing("Landlock: this system is not Linux, or native calls failed");
        }
        long version = libc.get().system(CREATE_RULESET, 0, 0, ASK_VERSION);
        return version < 1
                ? new Support.Missing("Landlock: not enabled in this kernel")
                : new Support.Available(new Landlock(libc.get(), (int) version));
    }

    /** The kernel's version of Landlock. */
    int version() {
        return version;
    }

    /** Why a version cannot confine children to their files; empty if it can. */
    static Optional<String> tooOld(int version) {
        return version < TRUNCATE
                ? Optional.of("Landlock: children could truncate all files of this user (expected at least version "
                        + TRUNCATE + " of Linux 6.2, found version " + version + ")")
                : Optional.empty();
    }

    /** What children can do in this version but not in newer ones; empty if nothing. */
    static Optional<String> leftOpen(int version) {
        if (version >= SCOPE) {
            return Optional.empty();
        }
        return Optional.of("Landlock: children can send signals to all processes of this user, including this one"
                + " (found version " + version
                + "); use Linux 6.12 with version " + SCOPE + " to prevent this");
    }

    /**
     * Confines the calling thread and all threads and processes that it starts. Confined code can read and execute the
     * system's programs and {@code readable}, can do everything in {@code own} except execute and create device files
     * and sockets, and cannot gain privileges.
     *
     * <p>Threads of pools that the calling thread starts are confined too. So only platform threads may wait for the
     * calling thread: if it wakes a virtual thread, it may start a carrier thread, which would be confined.
     *
     * @throws IOException if the kernel refuses
     */
    void restrictThisThread(List<Path> readable, Path own) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ruleset = arena.allocate(24, 8);
            ruleset.set(JAVA_LONG, 0, everyFileRight());
            ruleset.set(JAVA_LONG, 8, version >= TCP ? NET_ALL : 0);
            ruleset.set(JAVA_LONG, 16, version >= SCOPE ? SCOPE_ALL : 0);
            long rules = require(
                    "creating the ruleset",
                    libc.system(CREATE_RULESET, ruleset.address(), version >= SCOPE ? 24 : version >= TCP ? 16 : 8, 0));
            try {
                allow(arena, rules, SYSTEM_PROGRAMS, EXECUTE | READ_FILE | READ_DIR);
                allow(arena, rules, SYSTEM_FILES, READ_FILE | READ_DIR);
                allow(arena, rules, readable, EXECUTE | READ_FILE | READ_DIR);
                allow(arena, rules, List.of(DEV_NULL, own), everyFileRight() & ~EXECUTE & ~MAKE_DEVICES_AND_SOCKETS);
                libc.forbidNewPrivileges();
                long unused = require("restricting", libc.system(RESTRICT_SELF, rules, 0, 0));
            } finally {
                libc.close((int) rules);
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
            int opened =
                    (int) require("opening " + path, libc.open(path.toRealPath().toString(), O_PATH_CLOEXEC));
            try {
                // A packed structure: 64 bits of rights, then the descriptor. Files must not have rights of folders.
                MemorySegment rule = arena.allocate(16, 8);
                rule.set(JAVA_LONG, 0, Files.isDirectory(path) ? rights : rights & RIGHTS_OF_FILES);
                rule.set(JAVA_INT, 8, opened);
                long unused =
                        require("allowing " + path, libc.system(ADD_RULE, rules, RULE_PATH_BENEATH, rule.address()));
            } finally {
                libc.close(opened);
            }
        }
    }

    private long require(String doing, long result) throws IOException {
        return libc.require("Landlock: " + doing, result);
    }

    /** Whether processes can be confined here. */
    sealed interface Support {
        record Available(Landlock landlock) implements Support {}

        /** @param why for people */
        record Missing(String why) implements Support {}
    }
}
