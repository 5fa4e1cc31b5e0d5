package dev.precast.precompiler;

import java.util.List;

/**
 * The system calls that children may make. {@link SeccompFilter} refuses all others. The lists contain what the JVM,
 * Wasmtime's library, a Rust program, a shell and gcc need.
 */
final class SystemCalls {
    /** Allowed with any arguments. Landlock decides about their paths. */
    static final List<SystemCall> ALLOWED = SystemCall.table("""
            read=0/63 write=1/64 readv=19/65 writev=20/66 pread64=17/67 pwrite64=18/68 preadv=295/69
            pwritev=296/70 preadv2=327/286 pwritev2=328/287 open=2/- openat=257/56 close=3/57
            close_range=436/436 lseek=8/62 dup=32/23 dup2=33/- dup3=292/24 pipe=22/- pipe2=293/59
            ftruncate=77/46 truncate=76/45 fsync=74/82 fdatasync=75/83 sync_file_range=277/84 fadvise64=221/223
            readahead=187/213 copy_file_range=326/285 sendfile=40/71 flock=73/32 poll=7/- ppoll=271/73
            select=23/- pselect6=270/72 epoll_create=213/- epoll_create1=291/20 epoll_ctl=233/21
            epoll_wait=232/- epoll_pwait=281/22 epoll_pwait2=441/441 eventfd=284/- eventfd2=290/19
            timerfd_create=283/85 timerfd_settime=286/86 timerfd_gettime=287/87

            stat=4/- lstat=6/- fstat=5/80 newfstatat=262/79 statx=332/291 access=21/- faccessat=269/48
            faccessat2=439/439 readlink=89/- readlinkat=267/78 getdents=78/- getdents64=217/61 getcwd=79/17
            chdir=80/49 fchdir=81/50 mkdir=83/- mkdirat=258/34 rmdir=84/- unlink=87/- unlinkat=263/35
            rename=82/- renameat=264/38 renameat2=316/276 link=86/- linkat=265/37 symlink=88/- symlinkat=266/36
            umask=95/166 statfs=137/43 fstatfs=138/44

            mmap=9/222 mprotect=10/226 munmap=11/215 mremap=25/216 madvise=28/233 brk=12/214 mincore=27/232
            msync=26/227 mlock=149/228 munlock=150/229 membarrier=324/283

            fork=57/- vfork=58/- execve=59/221 exit=60/93 exit_group=231/94 wait4=61/260 waitid=247/95
            getpid=39/172 getppid=110/173 gettid=186/178 getpgid=121/155 getpgrp=111/- getsid=124/156
            setsid=112/157 setpgid=109/154 set_tid_address=218/96 set_robust_list=273/99 get_robust_list=274/100
            rseq=334/293 futex=202/98 sched_yield=24/124 sched_getaffinity=204/123 sched_getparam=143/121
            sched_getscheduler=145/120 sched_get_priority_max=146/125 sched_get_priority_min=147/126
            getpriority=140/141 arch_prctl=158/- kill=62/129 tkill=200/130 tgkill=234/131 rt_sigaction=13/134
            rt_sigprocmask=14/135 rt_sigreturn=15/139 rt_sigpending=127/136 rt_sigsuspend=130/133
            rt_sigtimedwait=128/137 sigaltstack=131/132 pause=34/- alarm=37/- setitimer=38/103 getitimer=36/102
            restart_syscall=219/128

            clock_gettime=228/113 clock_getres=229/114 clock_nanosleep=230/115 nanosleep=35/101
            gettimeofday=96/169 time=201/- times=100/153 getrusage=98/165 timer_create=222/107
            timer_settime=223/110 timer_gettime=224/108 timer_getoverrun=225/109 timer_delete=226/111
            getuid=102/174 geteuid=107/175 getgid=104/176 getegid=108/177 getgroups=115/158 getresuid=118/148
            getresgid=120/150 capget=125/90 uname=63/160 sysinfo=99/179 getcpu=309/168 getrandom=318/278
            getrlimit=97/163 setrlimit=160/164
            """);

    static final SystemCall CLONE = new SystemCall("clone", 56, 220);
    static final SystemCall FCNTL = new SystemCall("fcntl", 72, 25);
    static final SystemCall IOCTL = new SystemCall("ioctl", 16, 29);
    static final SystemCall PRCTL = new SystemCall("prctl", 157, 167);
    static final SystemCall PRLIMIT = new SystemCall("prlimit64", 302, 261);
    static final SystemCall SET_AFFINITY = new SystemCall("sched_setaffinity", 203, 122);
    static final SystemCall FCHMOD = new SystemCall("fchmod", 91, 52);
    static final SystemCall UNSHARE = new SystemCall("unshare", 272, 97);
    static final SystemCall KILL = new SystemCall("kill", 62, 129);
    static final SystemCall SECCOMP = new SystemCall("seccomp", 317, 277);

    /** Not allowed, but answered like a file system that has no extended attributes. */
    static final List<SystemCall> READ_ATTRIBUTES = SystemCall.table("""
            getxattr=191/8 lgetxattr=192/9 fgetxattr=193/10 listxattr=194/11 llistxattr=195/12 flistxattr=196/13
            """);

    private SystemCalls() {}
}
