package dev.precast.precompiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A way to start a child's command, with programs of util-linux and the shell before it. */
enum Way {
    /**
     * In user, network, IPC and process namespaces of its own. The shell is the first process of the namespace, so the
     * kernel kills all others when it ends.
     */
    NAMESPACES(Set.of(Knock.UNSHARE, Knock.SHELL)),
    /** In the worker's namespaces. */
    SHELL(Set.of(Knock.SHELL)),
    /** In the worker's namespaces and without a gate, so the command runs for a moment before its limits are set. */
    DIRECT(Set.of());

    private static final String UNSHARE_PROGRAM = "/usr/bin/unshare";
    private static final String SHELL_PROGRAM = "/bin/sh";

    /** The shell knocks by a signal to a process that cannot exist: process ids are smaller. */
    private static final String KNOCK = "kill -0 " + Knock.NO_PROCESS + " 2>/dev/null; unset PWD OLDPWD SHLVL; ";

    /** The shell stays, and does not add its own remarks about signals to the command's errors. */
    private static final String RUN = "exec 3>&2 2>/dev/null; (exec \"$@\" 2>&3 3>&-); exit $?";

    private static final String BECOME = "exec \"$@\"";

    private final Set<Knock> knocks;

    Way(Set<Knock> knocks) {
        this.knocks = knocks;
    }

    /** The system calls with which the programs before the command ask to go on, in this order. */
    Set<Knock> knocks() {
        return knocks;
    }

    /** The whole command. */
    List<String> around(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (this == NAMESPACES) {
            whole.addAll(List.of(UNSHARE_PROGRAM, "--user", "--net", "--ipc", "--pid", "--fork", "--kill-child", "--"));
        }
        if (this != DIRECT) {
            whole.addAll(List.of(SHELL_PROGRAM, "-c", KNOCK + (this == NAMESPACES ? RUN : BECOME), "sh"));
        }
        whole.addAll(command);
        return whole;
    }

    /** A system call that waits for the worker's answer, until {@link Gate#close}. */
    enum Knock {
        /** The call with which {@code unshare} enters all four namespaces. */
        UNSHARE(SystemCalls.UNSHARE, 0x78000000),
        /** The shell's signal. */
        SHELL(SystemCalls.KILL, Integer.MAX_VALUE);

        private static final int NO_PROCESS = Integer.MAX_VALUE;

        private final SystemCall call;
        private final int argument;

        Knock(SystemCall call, int argument) {
            this.call = call;
            this.argument = argument;
        }

        SystemCall call() {
            return call;
        }

        /** The first argument. */
        int argument() {
            return argument;
        }
    }
}
