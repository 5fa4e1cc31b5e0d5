package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.precast.precompiler.SystemCall.Architecture;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Limits the system calls of child processes to {@link SystemCalls}; see the kernel's page
 * userspace-api/seccomp_filter. Other calls answer ENOSYS, as an older kernel would, and calls of another architecture
 * kill the process. Arguments are compared as 64 bits.
 *
 * <p>A filter belongs to a thread, like a Landlock domain, and cannot be removed: see {@link Landlock}.
 */
final class SeccompFilter {
    private static final int SET_MODE_FILTER = 1;
    private static final int NEW_LISTENER = 8;
    private static final int X32 = 0x40000000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private static final int ALLOW = 0x7fff0000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int ERRNO = 0x00050000;
    private static final int NOTIFY = 0x7fc00000;

    /** Offsets in the kernel's structure seccomp_data; both architectures are little-endian. */
    private static final int NUMBER = 0;

    private static final int ARCHITECTURE = 4;
    private static final int ARGUMENTS = 16;

    /**
     * CLONE_NEWUSER, NEWPID, NEWNET, NEWIPC, NEWUTS, NEWCGROUP, NEWNS, PTRACE, and PARENT, which would make the new
     * process a child of the worker.
     */
    private static final int REFUSED_CLONE_FLAGS = 0x7e02a000;

    /** Duplicating, flags, locks, size of a pipe. Not F_SETOWN, F_SETSIG, F_NOTIFY, F_SETLEASE, F_ADD_SEALS. */
    private static final int[] FCNTL_COMMANDS = {0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032};
    /** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Not TIOCSTI, FS_IOC_SETFLAGS. */
    private static final int[] IOCTL_REQUESTS = {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451};
    /**
     * PDEATHSIG, GET_DUMPABLE, NAME, GET_SECCOMP, CAPBSET_READ, NO_NEW_PRIVS, GET_THP_DISABLE, SET_VMA. Not
     * SET_DUMPABLE, which would hide a process's files from the worker, and not SET_CHILD_SUBREAPER, SET_PTRACER.
     */
    private static final int[] PRCTL_OPTIONS = {1, 2, 3, 15, 16, 21, 23, 38, 39, 42, 0x53564d41};
    /** The calling process. */
    private static final int[] SELF = {0};

    private final Libc libc;
    private final Architecture architecture;
    private final Map<Way, List<Instruction>> programs = new EnumMap<>(Way.class);

    private SeccompFilter(Libc libc, Architecture architecture) {
        this.libc = libc;
        this.architecture = architecture;
        for (Way way : Way.values()) {
            programs.put(way, program(architecture, way));
        }
    }

    /** Detects whether the kernel accepts the filter. Call this method on a platform thread only. */
    static Support detect() {
        Optional<Libc> libc = Libc.get();
        Optional<Architecture> architecture = Architecture.ofThisMachine();
        if (libc.isEmpty()) {
            return new Support.Missing("seccomp: this system is not Linux, or native calls failed");
        }
        if (architecture.isEmpty()) {
            return new Support.Missing("seccomp: no filter for this processor (expected x86-64 or arm64, found "
                    + System.getProperty("os.arch") + ")");
        }
        SeccompFilter filter = new SeccompFilter(libc.get(), architecture.get());
        FutureTask<SeccompFilter> attempt = new FutureTask<>(() -> {
            int unused = filter.installOnThisThread(Way.DIRECT);
            return filter;
        });
        Thread.ofPlatform().name("precast-seccomp-test").start(attempt);
        try {
            return new Support.Available(attempt.get());
        } catch (ExecutionException e) {
            return new Support.Missing(
                    e.getCause() instanceof IOException refused
                            ? String.valueOf(refused.getMessage())
                            : "seccomp: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Support.Missing("seccomp: interrupted");
        }
    }

    /**
     * Limits the system calls of the calling thread and of all threads and processes that it starts. Call this method
     * after {@link Landlock#restrictThisThread}, whose calls the filter refuses.
     *
     * @return descriptor of the listener for the knocks of {@code way}; 0 if it has none
     * @throws IOException if the kernel refuses; with knocks, also if this thread has a gate already
     */
    int installOnThisThread(Way way) throws IOException {
        List<Instruction> program = Objects.requireNonNull(programs.get(way));
        return installOnThisThread(libc, architecture, program, !way.knocks().isEmpty());
    }

    /** @param gate whether the program notifies a listener */
    static int installOnThisThread(Libc libc, Architecture architecture, List<Instruction> program, boolean gate)
            throws IOException {
        libc.forbidNewPrivileges();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = arena.allocate(8L * program.size(), 8);
            for (int i = 0; i < program.size(); i++) {
                program.get(i).write(instructions.asSlice(8L * i, 8));
            }
            MemorySegment whole = arena.allocate(16, 8);
            whole.set(JAVA_SHORT, 0, (short) program.size());
            whole.set(JAVA_LONG, 8, instructions.address());
            // Without a gate, success is 0.
            long listener = libc.require(
                    "seccomp: installing the filter",
                    libc.system(
                            SystemCalls.SECCOMP.number(architecture),
                            SET_MODE_FILTER,
                            gate ? NEW_LISTENER : 0,
                            whole.address()));
            return (int) listener;
        }
    }

    /** The gate of a listener that {@link #installOnThisThread} returned. */
    Gate gate(int listener) {
        return new Gate(libc, architecture, listener);
    }

    /** The filter's program for an architecture and the knocks of a way. */
    static List<Instruction> program(Architecture architecture, Way way) {
        List<Instruction> program = new ArrayList<>(List.of(
                Instruction.load(ARCHITECTURE),
                Instruction.ifEqual(architecture.audit(), 1, 0),
                Instruction.answer(KILL_PROCESS),
                Instruction.load(NUMBER)));
        if (architecture == Architecture.X86_64) {
            program.add(Instruction.ifAtLeast(X32, 0, 1));
            program.add(Instruction.answer(KILL_PROCESS));
        }
        Rules rules = new Rules(architecture, program);
        for (Way.Knock knock : way.knocks()) {
            rules.add(knock.call(), notifyOf(knock.argument()));
        }
        rules.add(SystemCalls.CLONE, flagsWithout(0, REFUSED_CLONE_FLAGS));
        rules.add(SystemCalls.FCNTL, oneOf(1, FCNTL_COMMANDS));
        rules.add(SystemCalls.IOCTL, oneOf(1, IOCTL_REQUESTS));
        rules.add(SystemCalls.PRCTL, oneOf(0, PRCTL_OPTIONS));
        rules.add(SystemCalls.PRLIMIT, oneOf(0, SELF));
        rules.add(SystemCalls.SET_AFFINITY, oneOf(0, SELF));
        // The filter skips this call and reports success: compilers set the mode of their output files, or fail.
        rules.add(SystemCalls.FCHMOD, List.of(Instruction.answer(ERRNO)));
        for (SystemCall call : SystemCalls.READ_ATTRIBUTES) {
            rules.add(call, List.of(Instruction.answer(ERRNO | EOPNOTSUPP)));
        }
        for (SystemCall call : SystemCalls.ALLOWED) {
            rules.add(call, List.of(Instruction.answer(ALLOW)));
        }
        program.add(Instruction.answer(ERRNO | ENOSYS));
        return List.copyOf(program);
    }

    /** Asks the worker about a call if its first argument has this low word; otherwise later rules decide. */
    private static List<Instruction> notifyOf(int argument) {
        return List.of(
                Instruction.load(lowWord(0)),
                Instruction.ifEqual(argument, 0, 1),
                Instruction.answer(NOTIFY),
                Instruction.load(NUMBER));
    }

    /** Allows a call if an argument is one of the values; otherwise the call answers EPERM. */
    private static List<Instruction> oneOf(int argument, int[] values) {
        List<Instruction> body = new ArrayList<>(List.of(
                Instruction.load(highWord(argument)),
                Instruction.ifEqual(0, 0, 1 + 2 * values.length),
                Instruction.load(lowWord(argument))));
        for (int value : values) {
            body.add(Instruction.ifEqual(value, 0, 1));
            body.add(Instruction.answer(ALLOW));
        }
        body.add(Instruction.answer(ERRNO | EPERM));
        return body;
    }

    /** Allows a call if an argument has none of the flags; otherwise the call answers EPERM. */
    private static List<Instruction> flagsWithout(int argument, int refused) {
        return List.of(
                Instruction.load(highWord(argument)),
                Instruction.ifEqual(0, 0, 3),
                Instruction.load(lowWord(argument)),
                Instruction.ifAnyBit(refused, 1, 0),
                Instruction.answer(ALLOW),
                Instruction.answer(ERRNO | EPERM));
    }

    private static int lowWord(int argument) {
        return ARGUMENTS + 8 * argument;
    }

    private static int highWord(int argument) {
        return lowWord(argument) + 4;
    }

    /** The rules of a program, one for each system call. */
    private record Rules(Architecture architecture, List<Instruction> program) {
        /** @param body what happens for the call; ends with an answer, or with the call's number loaded again */
        void add(SystemCall call, List<Instruction> body) {
            int number = call.number(architecture);
            if (number != SystemCall.ABSENT) {
                program.add(Instruction.ifEqual(number, 0, body.size()));
                program.addAll(body);
            }
        }
    }

    /**
     * An instruction of classic BPF.
     *
     * @param code what it does
     * @param then number of instructions to skip if a comparison holds
     * @param otherwise number of instructions to skip if it does not hold; both are below 256
     * @param value an offset in seccomp_data, the value to compare with, or the answer
     */
    record Instruction(int code, int then, int otherwise, int value) {
        static final int LOAD = 0x20;
        static final int IF_EQUAL = 0x15;
        static final int IF_AT_LEAST = 0x35;
        static final int IF_ANY_BIT = 0x45;
        static final int ANSWER = 0x06;

        static Instruction load(int offset) {
            return new Instruction(LOAD, 0, 0, offset);
        }

        static Instruction ifEqual(int value, int then, int otherwise) {
            return new Instruction(IF_EQUAL, then, otherwise, value);
        }

        static Instruction ifAtLeast(int value, int then, int otherwise) {
            return new Instruction(IF_AT_LEAST, then, otherwise, value);
        }

        static Instruction ifAnyBit(int bits, int then, int otherwise) {
            return new Instruction(IF_ANY_BIT, then, otherwise, bits);
        }

        static Instruction answer(int action) {
            return new Instruction(ANSWER, 0, 0, action);
        }

        private void write(MemorySegment eightBytes) {
            eightBytes.set(JAVA_SHORT, 0, (short) code);
            eightBytes.set(JAVA_BYTE, 2, (byte) then);
            eightBytes.set(JAVA_BYTE, 3, (byte) otherwise);
            eightBytes.set(JAVA_INT, 4, value);
        }
    }

    /** Whether system calls can be limited here. */
    sealed interface Support {
        record Available(SeccompFilter filter) implements Support {}

        /** @param why for people */
        record Missing(String why) implements Support {}
    }
}
