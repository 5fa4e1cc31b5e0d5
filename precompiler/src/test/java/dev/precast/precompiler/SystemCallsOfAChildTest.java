package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.cache.outcome.Limits;
import dev.precast.precompiler.Caller.Attempt;
import dev.precast.precompiler.SystemCall.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real children that make system calls which a compiler does not need. */
class SystemCallsOfAChildTest {
    private static final Limits LIMITS = new Limits(64, 400, 60, 120, 4);
    private static final long EPERM = -1;
    private static final long ENOSYS = -38;
    private static final int KILLED_FOR_A_SYSTEM_CALL = 128 + 31;
    private static final String SELF = String.valueOf(ProcessHandle.current().pid());

    /** Calls without a use for compilers. Those that name something are called with arguments that would work. */
    private static final List<SystemCall> REFUSED = SystemCall.table("""
            socket=41/198 socketpair=53/199 connect=42/203 bind=49/200 listen=50/201 accept=43/202
            accept4=288/242 sendto=44/206 sendmsg=46/211 sendmmsg=307/269 recvfrom=45/207 recvmsg=47/212
            recvmmsg=299/243 shutdown=48/210 setsockopt=54/208 getsockopt=55/209 getsockname=51/204
            getpeername=52/205 chmod=90/- fchmodat=268/53 fchmodat2=452/452 chown=92/- fchown=93/55 lchown=94/-
            fchownat=260/54 utime=132/- utimes=235/- futimesat=261/- utimensat=280/88 setxattr=188/5
            lsetxattr=189/6 fsetxattr=190/7 removexattr=197/14 lremovexattr=198/15 fremovexattr=199/16 mknod=133/-
            mknodat=259/33 fallocate=285/47 inotify_init=253/- inotify_init1=294/26 inotify_add_watch=254/27
            fanotify_init=300/262 fanotify_mark=301/263 setpriority=141/140 sched_setscheduler=144/119
            sched_setparam=142/118 sched_setattr=314/274 ioprio_set=251/30 ptrace=101/117 process_vm_readv=310/270
            process_vm_writev=311/271 process_madvise=440/440 kcmp=312/272 pidfd_open=434/434 pidfd_getfd=438/438
            pidfd_send_signal=424/424 clone3=435/435 unshare=272/97 setns=308/268 mount=165/40 umount2=166/39
            pivot_root=155/41 chroot=161/51 bpf=321/280 perf_event_open=298/241 userfaultfd=323/282
            io_uring_setup=425/425 io_uring_enter=426/426 io_uring_register=427/427 keyctl=250/219 add_key=248/217
            request_key=249/218 memfd_create=319/279 memfd_secret=447/447 execveat=322/281
            name_to_handle_at=303/264 open_by_handle_at=304/265 openat2=437/437 shmget=29/194 shmat=30/196
            shmctl=31/195 semget=64/190 semop=65/193 msgget=68/186 msgsnd=69/189 mq_open=240/180 mq_unlink=241/181
            seccomp=317/277 landlock_create_ruleset=444/444 landlock_restrict_self=446/446 personality=135/92
            setuid=105/146 setgid=106/144 setresuid=117/147 setgroups=116/159 capset=126/91 syslog=103/116
            reboot=169/142 rt_sigqueueinfo=129/138 rt_tgsigqueueinfo=297/240 signalfd=282/- signalfd4=289/74
            splice=275/76 tee=276/77 vmsplice=278/75 process_mrelease=448/448 pkey_alloc=330/289 mbind=237/235
            set_mempolicy=238/237 move_pages=279/239 fsopen=430/430 fsmount=432/432 move_mount=429/429
            open_tree=428/428 mount_setattr=442/442 quotactl=179/60 swapon=167/224 acct=163/89 settimeofday=164/170
            clock_settime=227/112 adjtimex=159/171 kexec_load=246/104 init_module=175/105 finit_module=313/273
            delete_module=176/106 iopl=172/- ioperm=173/- modify_ldt=154/-
            """);

    @TempDir
    Path parent;

    private Path canary;
    private ChildFolder folder;

    @BeforeEach
    void make_folders() throws IOException {
        assumeTrue(Architecture.ofThisMachine().isPresent() && Libc.get().isPresent());
        folder = ChildFolder.in(parent);
        canary = Files.writeString(Files.createDirectory(parent.resolve("pack")).resolve("canary"), "sings");
    }

    @Test
    void calls_that_no_compiler_needs_do_not_exist() throws Exception {
        List<Attempt> attempts = new ArrayList<>();
        REFUSED.stream()
                .filter(call -> call.number(Architecture.ofThisMachine().orElseThrow()) != SystemCall.ABSENT)
                .forEach(call -> attempts.add(new Attempt(call, arguments(call.name()))));
        Object before = state();

        Map<String, Long> results = results(attempts);

        assertThat(results)
                .hasSizeGreaterThan(100)
                .allSatisfy((name, result) -> assertThat(result).as(name).isEqualTo(ENOSYS));
        assertThat(state()).isEqualTo(before);
    }

    /** The arguments with which a call would reach something outside, if it were allowed. */
    private String arguments(String name) {
        return switch (name) {
            case "socket" -> "2 1 262"; // IPv4, stream, Multipath TCP
            case "socketpair" -> "1 1 0 *8";
            case "chmod" -> "@" + canary + " 0";
            case "fchmodat", "fchmodat2" -> "-100 @" + canary + " 0 0";
            case "chown", "lchown" -> "@" + canary + " 1 1";
            case "fchownat" -> "-100 @" + canary + " 1 1 0";
            case "fchown" -> "<" + canary + " 1 1";
            case "utime", "utimes" -> "@" + canary + " *32";
            case "futimesat" -> "-100 @" + canary + " *32";
            case "utimensat" -> "-100 @" + canary + " *32 0";
            case "setxattr", "lsetxattr" -> "@" + canary + " @user.x @x 1 0";
            case "fsetxattr" -> "<" + canary + " @user.x @x 1 0";
            case "mknod" -> "@device 8630 " + 0xfe00; // a block device
            case "mknodat" -> "-100 @device 25014 " + 0xfe00;
            case "setpriority" -> "0 " + SELF + " 5";
            case "ioprio_set" -> "1 " + SELF + " " + (3 << 13);
            case "sched_setscheduler" -> SELF + " 3 *8";
            case "unshare" -> String.valueOf(0x10000000);
            case "mount" -> "@t @/tmp @tmpfs 0";
            case "memfd_create" -> "@x 0";
            case "userfaultfd" -> "1";
            case "io_uring_setup" -> "1 *120";
            case "add_key" -> "@user @precast @x 1 -4";
            case "shmget" -> "0 4096 " + 01600;
            case "mq_open" -> "@precast " + 0102 + " 384 0";
            case "pidfd_open" -> SELF + " 0";
            case "kcmp" -> SELF + " " + SELF + " 2 0 0";
            case "ptrace" -> "2 " + SELF;
            case "seccomp" -> "3 0 *16";
            case "landlock_create_ruleset" -> "0 0 1";
            case "personality" -> String.valueOf(0x0040000);
            case "rt_sigqueueinfo" -> SELF + " 0 *128";
            default -> "-1 -1 -1 -1 -1";
        };
    }

    @Test
    void limits_affinity_and_flags_can_be_changed_of_the_own_process_only() throws Exception {
        Object before = state();
        Map<String, Long> results = results(List.of(
                new Attempt(named("prlimit64", SystemCalls.PRLIMIT), SELF + " 12 *16 0"),
                new Attempt(named("read limits", SystemCalls.PRLIMIT), SELF + " 12 0 *16"),
                new Attempt(named("high word", SystemCalls.PRLIMIT), (1L << 32) + " 12 *16 0"),
                new Attempt(named("affinity", SystemCalls.SET_AFFINITY), SELF + " 8 *8"),
                new Attempt(named("namespace", SystemCalls.CLONE), String.valueOf(0x10000000 | 17)),
                new Attempt(named("sibling", SystemCalls.CLONE), String.valueOf(0x8000 | 17)),
                new Attempt(named("F_SETOWN", SystemCalls.FCNTL), "1 8 " + SELF),
                new Attempt(named("F_NOTIFY", SystemCalls.FCNTL), "<" + canary.getParent() + " 1026 2"),
                new Attempt(named("TIOCSTI", SystemCalls.IOCTL), "0 " + 0x5412 + " @x"),
                new Attempt(named("FS_IOC_SETFLAGS", SystemCalls.IOCTL), "<" + canary + " " + 0x40086602 + " *8"),
                new Attempt(named("SET_DUMPABLE", SystemCalls.PRCTL), "4 0"),
                new Attempt(named("SET_SECCOMP", SystemCalls.PRCTL), "22 1"),
                new Attempt(named("CHILD_SUBREAPER", SystemCalls.PRCTL), "36 1")));
        assertThat(results)
                .hasSize(13)
                .allSatisfy((name, result) -> assertThat(result).as(name).isEqualTo(EPERM));
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void a_change_of_the_mode_of_an_open_file_changes_nothing_but_seems_to_work() throws Exception {
        Object before = state();
        assertThat(results(List.of(new Attempt(SystemCalls.FCHMOD, "<" + canary + " 0"))))
                .containsEntry("fchmod", 0L);
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void the_own_process_may_lower_its_limits() throws Exception {
        assertThat(results(List.of(new Attempt(SystemCalls.PRLIMIT, "0 10 *16 0"))))
                .containsEntry("prlimit64", 0L);
    }

    @Test
    void a_call_of_x32_kills_the_child() throws Exception {
        assumeTrue(Architecture.ofThisMachine().orElseThrow() == Architecture.X86_64);
        assertThat(exitCode(Caller.command(List.of(new Attempt(new SystemCall("getpid", 0x40000000 | 39, -1), "")))))
                .isEqualTo(KILLED_FOR_A_SYSTEM_CALL);
    }

    @Test
    void a_32_bit_call_kills_the_child() throws Exception {
        assumeTrue(Architecture.ofThisMachine().orElseThrow() == Architecture.X86_64);
        List<String> command = new ArrayList<>(Caller.command(List.of()));
        command.set(command.size() - 1, Caller.ThirtyTwoBits.class.getName());
        assertThat(exitCode(command)).isNotZero();
        assertThat(folder.path().resolve("answered")).doesNotExist();
    }

    private static SystemCall named(String name, SystemCall call) {
        return new SystemCall(name.replace(' ', '-'), call.x86(), call.arm());
    }

    /** What a child must not change: the canary, and this process's limits, nice value and affinity. */
    private Object state() throws IOException {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        return List.of(
                Files.readString(canary),
                Files.readAttributes(canary, "unix:mode,uid,gid,ctime,lastModifiedTime"),
                Files.readString(Path.of("/proc/self/limits")),
                "nice " + fields.get(16),
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("Cpus_allowed:"))
                        .toList());
    }

    private Map<String, Long> results(List<Attempt> attempts) throws Exception {
        ChildProcess.Exited exited = run(Caller.command(attempts));
        assertThat(exited.code()).as(exited.out() + exited.err()).isZero();
        return exited.out()
                .lines()
                .map(line -> line.split("="))
                .collect(Collectors.toMap(
                        words -> words[0], words -> Long.parseLong(words[1]), (one, two) -> two, TreeMap::new));
    }

    private int exitCode(List<String> command) throws Exception {
        return run(command).code();
    }

    private ChildProcess.Exited run(List<String> command) throws Exception {
        ChildProcess.Result result = new ChildProcess(
                        folder,
                        List.of(Caller.classes(), Caller.classesOf(SystemCall.class), canary.getParent()),
                        LIMITS)
                .run(command);
        assertThat(result).isInstanceOf(ChildProcess.Exited.class);
        return (ChildProcess.Exited) result;
    }
}
