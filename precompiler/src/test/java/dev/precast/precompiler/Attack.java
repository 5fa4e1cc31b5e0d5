package dev.precast.precompiler;

import dev.precast.precompiler.SystemCall.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a taken-over compiler tries.
 *
 * @param name its name in the table of docs/explanation/containment.md
 * @param script for the shell of {@link AttackPack}. Finds paths, process ids and addresses in the variables of
 *     {@link Targets}
 */
record Attack(String name, String script) {
    private static final Architecture HERE = Architecture.ofThisMachine().orElse(Architecture.X86_64);

    /** A compilation without an attack. */
    static Attack honest(int number) {
        return new Attack("honest", "echo good " + number + " > $OUT");
    }

    /** All attacks. */
    static List<Attack> all() {
        return Stream.of(scripts(), network(), systemCalls())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }

    /** Attacks with programs of the system. */
    private static List<Attack> scripts() {
        return List.of(
                new Attack("read keys, other jobs, other processes", """
                        for f in $KEY $NEIGHBOUR /proc/$WORKER/environ /proc/$WORKER/mem /proc/$WORKER/maps \\
                            /proc/$VICTIM/environ /etc/passwd; do cat $f; done > $OUT 2>&1
                        ls .. $DATA /proc /proc/$WORKER/fd >> $OUT 2>&1
                        env >> $OUT
                        """),
                new Attack("chmod, touch, mv, truncate", """
                        { chmod 0666 $KEY; chmod 0777 $CANARY; touch -d @1 $CANARY; mv $CANARY $CANARY.2
                        truncate -s 0 $CANARY; echo evil >> $CANARY; echo evil > $DATA/planted; } > $OUT 2>&1
                        """),
                new Attack("chmod of the data folder", "chmod 0 $DATA > $OUT 2>&1"),
                new Attack("prlimit of the worker: CPU time", "prlimit --pid $WORKER --cpu=1:1 > $OUT 2>&1"),
                new Attack("prlimit of the worker: file size", "prlimit --pid $WORKER --fsize=0:0 > $OUT 2>&1"),
                new Attack(
                        "signals to the worker and to other processes",
                        "kill -TERM $VICTIM > $OUT 2>&1; kill -URG $WORKER >> $OUT 2>&1; echo tried >> $OUT"),
                new Attack("60,000 threads", "program 'Caller$Threads' > $OUT 2>&1; echo tried >> $OUT"),
                new Attack("400 processes", """
                        for i in 1 2 3 4; do
                            (j=0; while [ $j -lt 100 ]; do sleep 14 & j=$((j+1)); done; wait) &
                        done
                        wait
                        """),
                new Attack("chain of processes that fork and exit", """
                        C='[ $1 -gt 0 ] && setsid sh -c "$0" "$0" $(($1-1)) precast-chain & exit'
                        sh -c "$C" "$C" 5000 precast-chain
                        sleep 0.3
                        echo started > $OUT
                        """),
                new Attack("disk: file without a name", """
                        exec 5<>u; rm u; head -c 4000000 /dev/zero >&5
                        exec 6<>u; rm u; head -c 4000000 /dev/zero >&6
                        sleep 14
                        """),
                new Attack("disk: hidden folder", """
                        umask 0477; mkdir h
                        for i in 1 2 3; do head -c 4000000 /dev/zero > h/$i; done
                        sleep 14
                        """),
                new Attack("disk: 20,000 empty files", """
                        i=0; while [ $i -lt 20000 ]; do : > f$i; i=$((i+1)); done
                        sleep 14
                        """),
                new Attack("60 nested folders with long names", deep() + "echo made > $OUT"),
                new Attack("the same, and fail", deep() + "exit 1"),
                new Attack("12,000 nested folders", "program 'Caller$Deep' 12000 > $OUT 2>&1; sleep 14"),
                new Attack("anonymous memory file", calls("memfd_create=319/279 @x 0")),
                new Attack("print without end", """
                        head -c 100000000 /dev/zero; head -c 100000000 /dev/zero >&2
                        echo printed > $OUT
                        """),
                new Attack("forged rejection", """
                        echo '{"code":"not-wasm","message":"forged <b>\\u202e by child"}' >&2
                        exit 65
                        """),
                new Attack("output: link to a key", "rm -f $OUT; ln -s $KEY $OUT"),
                new Attack("output: second name", "echo x > $OUT; ln $OUT second"),
                new Attack("output: pipe", "rm -f $OUT; mkfifo $OUT"),
                new Attack("output: 500 MiB without content", "truncate -s 500M $OUT"),
                new Attack("grandchild that starts at once, for its limits", """
                        sh -c 'ulimit -f; ulimit -t' > $OUT
                        grep -q unlimited $OUT && echo without limits >> $OUT
                        exit 0
                        """),
                new Attack("open files that it inherits", """
                        for i in 3 4 5 6 7 8 9; do (: <&$i) 2> /dev/null && echo inherited $i; done > $OUT
                        echo tried >> $OUT
                        """));
    }

    private static String deep() {
        return """
                n=$(printf '%0200d' 0)
                i=0; while [ $i -lt 60 ]; do mkdir $n; cd -P $n 2> /dev/null; i=$((i+1)); done
                cd "$HOME_FOLDER"
                """;
    }

    /** Attacks on the service's API, and on other addresses. */
    private static List<Attack> network() {
        return List.of(
                new Attack("TCP", calls("socket=41/198 2 1 0", "connect=42/203 $ $TCP 16")),
                new Attack("Multipath TCP", calls("socket=41/198 2 1 262", "connect=42/203 $ $TCP 16")),
                new Attack("TCP fast open", calls("socket=41/198 2 1 0", "sendto=44/206 $ @GET 3 536870912 $TCP 16")),
                new Attack("UDP", calls("socket=41/198 2 2 0", "sendto=44/206 $ @secret 6 0 $UDP 16")),
                new Attack("Unix socket by path", calls("socket=41/198 1 1 0", "connect=42/203 $ $UNIX 110")),
                new Attack("listening", calls("socket=41/198 2 1 0", "listen=50/201 $ 1")),
                new Attack("socket pair", calls("socketpair=53/199 1 1 0 *8")),
                new Attack("netlink", calls("socket=41/198 16 3 0")),
                new Attack("vsock", calls("socket=41/198 40 1 0")),
                new Attack("raw ICMP", calls("socket=41/198 2 3 1")),
                new Attack("packets", calls("socket=41/198 17 3 768")),
                new Attack("SCTP", calls("socket=41/198 2 1 132")));
    }

    /** Further system calls, with arguments that name something outside. */
    private static List<Attack> systemCalls() {
        List<Attack> attacks = new ArrayList<>();
        for (String row : """
                priority of the worker | setpriority=141/140 0 $WORKER 19
                I/O priority of the worker | ioprio_set=251/30 1 $WORKER 24576
                scheduler of the worker | sched_setscheduler=144/119 $WORKER 3 %00000000
                processors of the worker | sched_setaffinity=203/122 $WORKER 8 *8
                limits of another process | prlimit64=302/261 $VICTIM 7 *16 0
                priority of another process | setpriority=141/140 0 $VICTIM 5
                fchmodat2 | fchmodat2=452/452 -100 @$CANARY 0 0
                utimensat | utimensat=280/88 -100 @$CANARY *32 0
                setxattr | setxattr=188/5 @$CANARY @user.x @x 1 0
                chown | fchownat=260/54 -100 @$CANARY 1 1 0
                mode of a file of the pack | fchmodat=268/53 -100 @$PACK/attack.sh 0
                fchmod of a file of the pack | fchmod=91/52 <$PACK/attack.sh 0
                attributes of a file of the pack | ioctl=16/29 <$PACK/attack.sh 1074292226 *8
                watching a folder: inotify | inotify_init1=294/26 0 ; inotify_add_watch=254/27 $ @$DATA 4095
                watching a folder: fanotify | fanotify_init=300/262 0 0
                watching a folder: dnotify | fcntl=72/25 <$PACK 1026 2147483663
                signals by fcntl | fcntl=72/25 1 8 $WORKER
                typing into a terminal | ioctl=16/29 0 21522 @x
                block device | mknodat=259/33 -100 @disk 25014 65024
                file by handle | open_by_handle_at=304/265 -100 *32 0
                tracing the worker | ptrace=101/117 16902 $WORKER 0 0
                memory of the worker | process_vm_readv=310/270 $WORKER *16 1 *16 1 0
                handle of the worker | pidfd_open=434/434 $WORKER 0 ; pidfd_send_signal=424/424 $ 23 0 0
                comparing with the worker | kcmp=312/272 $WORKER $WORKER 2 0 0
                queued signal | rt_sigqueueinfo=129/138 $WORKER 23 *128
                child of the worker instead of its own | clone=56/220 32785 0 0 0 0
                user namespace: clone | clone=56/220 268435473 0 0 0 0
                user namespace: unshare | unshare=272/97 268435456
                mount | mount=165/40 @t @/tmp @tmpfs 0 0
                io_uring | io_uring_setup=425/425 1 *120
                userfaultfd | userfaultfd=323/282 1
                bpf | bpf=321/280 0 *72 72
                perf_event_open | perf_event_open=298/241 *128 0 -1 -1 0
                keys of the kernel | add_key=248/217 @user @precast @x 1 -4
                shared memory that lasts | shmget=29/194 1347569988 4096 896
                message queue that lasts | mq_open=240/180 @precast 66 384 0
                executing a descriptor | execveat=322/281 -100 @/bin/true 0 0 0
                hiding from the worker | prctl=157/167 4 0
                adopting orphans | prctl=157/167 36 1
                strict seccomp by prctl | prctl=157/167 22 3
                a filter of its own | seccomp=317/277 3 0 *16
                splice | pipe2=293/59 *8 0 ; splice=275/76 0 0 1 0 1 0
                call of x32 | getpid=1073741863/-
                """.lines().toList()) {
            String[] cells = row.split("\\|");
            attacks.add(new Attack(cells[0].strip(), calls(cells[1].strip().split(" *; *"))));
        }
        attacks.add(new Attack("32-bit call", "program 'Caller$ThirtyTwoBits' > $OUT 2>&1; cat answered >> $OUT"));
        boolean arm = HERE == Architecture.ARM64;
        return attacks.stream()
                .filter(attack -> !arm || !attack.name().contains("32"))
                .toList();
    }

    /** A script that makes system calls: {@code name=x86/arm} and their arguments, as {@link Caller} takes them. */
    private static String calls(String... calls) {
        StringBuilder script = new StringBuilder("calls");
        for (String call : calls) {
            int blank = call.contains(" ") ? call.indexOf(' ') : call.length();
            SystemCall which = SystemCall.table(call.substring(0, blank)).getFirst();
            String arguments = call.substring(blank).strip();
            script.append(" \"")
                    .append(new Caller.Attempt(which, arguments).text())
                    .append('"');
        }
        return script.append(" > $OUT 2>&1").toString();
    }
}
