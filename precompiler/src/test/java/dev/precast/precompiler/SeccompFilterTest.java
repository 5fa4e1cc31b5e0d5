package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.precompiler.SeccompFilter.Instruction;
import dev.precast.precompiler.SystemCall.Architecture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs the filter's programs for both architectures in an interpreter of classic BPF. */
class SeccompFilterTest {
    private static final int ALLOW = 0x7fff0000;
    private static final int NOTIFY = 0x7fc00000;
    private static final int KILL_PROCESS = 0x80000000;
    private static final int SUCCESS = 0x00050000;
    private static final int EPERM = SUCCESS | 1;
    private static final int ENOSYS = SUCCESS | 38;
    private static final int EOPNOTSUPP = SUCCESS | 95;
    private static final long HIGH = 1L << 32;

    @ParameterizedTest
    @EnumSource
    void every_listed_call_is_allowed_and_no_other(Architecture architecture) {
        TreeSet<Integer> expected = new TreeSet<>();
        Stream.concat(
                        SystemCalls.ALLOWED.stream(),
                        Stream.of(SystemCalls.CLONE, SystemCalls.FCNTL, SystemCalls.PRLIMIT, SystemCalls.SET_AFFINITY))
                .map(call -> call.number(architecture))
                .filter(number -> number != SystemCall.ABSENT)
                .forEach(expected::add);
        TreeSet<Integer> allowed = new TreeSet<>();
        for (int number = 0; number < 1024; number++) {
            if (answer(architecture, number) == ALLOW) {
                allowed.add(number);
            }
        }
        assertThat(allowed).isEqualTo(expected);
        assertThat(answer(architecture, 1_000_000)).isEqualTo(ENOSYS);
    }

    @ParameterizedTest
    @EnumSource
    void calls_of_another_architecture_kill(Architecture architecture) {
        List<Instruction> program = SeccompFilter.program(architecture, Way.DIRECT);
        for (Architecture other : Architecture.values()) {
            assertThat(run(program, other.audit(), number(SystemCalls.CLONE, other)))
                    .isEqualTo(other == architecture ? ALLOW : KILL_PROCESS);
        }
        assertThat(run(program, 0x40000003, 20)).as("getpid of i386").isEqualTo(KILL_PROCESS);
    }

    @Test
    void calls_of_x32_kill() {
        assertThat(answer(Architecture.X86_64, 0x40000000)).isEqualTo(KILL_PROCESS);
        assertThat(answer(Architecture.X86_64, 0x40000000 | 39)).isEqualTo(KILL_PROCESS);
        assertThat(answer(Architecture.X86_64, 0xffffffff)).isEqualTo(KILL_PROCESS);
    }

    @ParameterizedTest
    @EnumSource
    void limits_and_affinity_can_be_changed_of_the_own_process_only(Architecture architecture) {
        for (SystemCall call : List.of(SystemCalls.PRLIMIT, SystemCalls.SET_AFFINITY)) {
            int number = number(call, architecture);
            assertThat(answer(architecture, number, 0)).as(call.name()).isEqualTo(ALLOW);
            assertThat(answer(architecture, number, 1)).as(call.name()).isEqualTo(EPERM);
            assertThat(answer(architecture, number, HIGH)).as(call.name()).isEqualTo(EPERM);
            assertThat(answer(architecture, number, -1)).as(call.name()).isEqualTo(EPERM);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_new_process_gets_no_namespace_and_no_other_parent(Architecture architecture) {
        int clone = number(SystemCalls.CLONE, architecture);
        // The flags of glibc's fork, posix_spawn and pthread_create.
        for (long flags : new long[] {0x1200011, 0x4111, 0x3d0f00, 17}) {
            assertThat(answer(architecture, clone, flags))
                    .as(Long.toHexString(flags))
                    .isEqualTo(ALLOW);
        }
        // NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, PTRACE, PARENT.
        for (long flag : new long[] {
            0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x2000, 0x8000, HIGH
        }) {
            assertThat(answer(architecture, clone, flag | 17))
                    .as(Long.toHexString(flag))
                    .isEqualTo(EPERM);
        }
    }

    @ParameterizedTest
    @EnumSource
    void harmless_commands_of_fcntl_ioctl_and_prctl_are_allowed(Architecture architecture) {
        // argument, allowed, refused: F_SETFL, F_SETOWN, F_NOTIFY; FIONREAD, TIOCSTI, FS_IOC_SETFLAGS;
        // PR_SET_NAME, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_MM, PR_SET_CHILD_SUBREAPER.
        command(architecture, SystemCalls.FCNTL, 1, 4, 8, 9, 10, 15, 1024, 1026, 1031, 1033);
        command(architecture, SystemCalls.IOCTL, 1, 0x541B, 0x5412, 0x40086602, 0x40049409);
        command(architecture, SystemCalls.PRCTL, 0, 15, 4, 22, 35, 36, 0x59616d61);
    }

    @ParameterizedTest
    @EnumSource
    void knocks_are_answered_by_the_worker_and_nothing_else_is(Architecture architecture) {
        int kill = number(SystemCalls.KILL, architecture);
        int unshare = number(SystemCalls.UNSHARE, architecture);
        for (Way way : Way.values()) {
            List<Instruction> program = SeccompFilter.program(architecture, way);
            int audit = architecture.audit();
            assertThat(run(program, audit, kill, Integer.MAX_VALUE)).isEqualTo(way == Way.DIRECT ? ALLOW : NOTIFY);
            assertThat(run(program, audit, unshare, 0x78000000)).isEqualTo(way == Way.NAMESPACES ? NOTIFY : ENOSYS);
            assertThat(run(program, audit, kill, 1)).isEqualTo(ALLOW);
            assertThat(run(program, audit, kill, -1)).isEqualTo(ALLOW);
            for (long flags : new long[] {0, 0x10000000, 0x20000, 0x7fffffff}) {
                assertThat(run(program, audit, unshare, flags)).isEqualTo(ENOSYS);
            }
            assertThat(program).hasSizeLessThan(4096);
            for (int number = 0; number < 1024; number++) {
                assertThat(run(program, audit, number)).isEqualTo(answer(architecture, number));
            }
        }
    }

    private static void command(
            Architecture architecture, SystemCall call, int argument, long allowed, long... refused) {
        int number = number(call, architecture);
        assertThat(answer(architecture, number, at(argument, allowed))).isEqualTo(ALLOW);
        assertThat(answer(architecture, number, at(argument, allowed | HIGH))).isEqualTo(EPERM);
        for (long value : refused) {
            assertThat(answer(architecture, number, at(argument, value)))
                    .as(call.name() + " " + value)
                    .isEqualTo(EPERM);
        }
    }

    private static long[] at(int argument, long value) {
        return argument == 0 ? new long[] {value} : new long[] {0, value};
    }

    @ParameterizedTest
    @EnumSource
    void a_change_of_mode_says_that_it_worked_and_attributes_do_not_exist(Architecture architecture) {
        assertThat(answer(architecture, number(SystemCalls.FCHMOD, architecture)))
                .isEqualTo(SUCCESS);
        for (SystemCall call : SystemCalls.READ_ATTRIBUTES) {
            assertThat(answer(architecture, number(call, architecture))).isEqualTo(EOPNOTSUPP);
        }
    }

    @Test
    void numbers_are_those_of_the_kernels_headers() throws Exception {
        Path x86 = Path.of("/usr/include/x86_64-linux-gnu/asm/unistd_64.h");
        Path arm = Path.of("/usr/include/asm-generic/unistd.h");
        assumeTrue(Files.exists(x86) && Files.exists(arm));
        Map<String, Integer> x86Numbers = numbers(x86, "#define __NR_(\\w+) (\\d+)");
        Map<String, Integer> armNumbers = numbers(arm, "#define __NR(?:3264)?_(\\w+) (\\d+)");
        armNumbers.put("newfstatat", armNumbers.get("fstatat"));
        armNumbers.remove("renameat2_unused");
        List<SystemCall> all = Stream.of(
                        SystemCalls.ALLOWED,
                        SystemCalls.READ_ATTRIBUTES,
                        List.of(
                                SystemCalls.CLONE,
                                SystemCalls.FCNTL,
                                SystemCalls.IOCTL,
                                SystemCalls.PRCTL,
                                SystemCalls.PRLIMIT,
                                SystemCalls.SET_AFFINITY,
                                SystemCalls.FCHMOD,
                                SystemCalls.UNSHARE,
                                SystemCalls.SECCOMP))
                .flatMap(List::stream)
                .toList();
        for (SystemCall call : all) {
            assertThat(call.x86()).as(call.name()).isEqualTo(x86Numbers.get(call.name()));
            assertThat(call.arm()).as(call.name()).isEqualTo(armNumbers.getOrDefault(call.name(), SystemCall.ABSENT));
        }
        assertThat(all.stream().collect(Collectors.toMap(SystemCall::x86, SystemCall::name)))
                .hasSize(all.size());
    }

    private static Map<String, Integer> numbers(Path header, String definition) throws Exception {
        Map<String, Integer> numbers = new TreeMap<>();
        Pattern pattern = Pattern.compile(definition + "\\s*");
        for (String line : Files.readAllLines(header)) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.matches()) {
                numbers.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
            }
        }
        return numbers;
    }

    private static int number(SystemCall call, Architecture architecture) {
        return call.number(architecture);
    }

    private static int answer(Architecture architecture, int number, long... arguments) {
        return run(SeccompFilter.program(architecture, Way.DIRECT), architecture.audit(), number, arguments);
    }

    /** Interprets a program as the kernel does: seccomp_data is the number, the architecture, a pointer, arguments. */
    private static int run(List<Instruction> program, int audit, int number, long... arguments) {
        int[] data = new int[16];
        data[0] = number;
        data[1] = audit;
        for (int i = 0; i < arguments.length; i++) {
            data[4 + 2 * i] = (int) arguments[i];
            data[5 + 2 * i] = (int) (arguments[i] >>> 32);
        }
        int accumulator = 0;
        for (int at = 0; ; at++) {
            Instruction instruction = program.get(at);
            assertThat(instruction.then()).isBetween(0, 255);
            assertThat(instruction.otherwise()).isBetween(0, 255);
            int value = instruction.value();
            switch (instruction.code()) {
                case Instruction.LOAD -> accumulator = data[value / 4];
                case Instruction.ANSWER -> {
                    return value;
                }
                default -> {
                    boolean holds = switch (instruction.code()) {
                        case Instruction.IF_EQUAL -> accumulator == value;
                        case Instruction.IF_AT_LEAST -> Integer.compareUnsigned(accumulator, value) >= 0;
                        case Instruction.IF_ANY_BIT -> (accumulator & value) != 0;
                        default -> throw new AssertionError(instruction);
                    };
                    at += holds ? instruction.then() : instruction.otherwise();
                }
            }
        }
    }
}
