package dev.precast.precompiler;

import dev.precast.precompiler.SeccompFilter.Instruction;
import dev.precast.precompiler.SystemCall.Architecture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** What a system offers a worker to confine its children. A filter of system calls takes the rest away. */
enum Surroundings {
    ALL(List.of()),
    /** Without namespaces, which Docker's default profile refuses. */
    NO_NAMESPACES(List.of(SystemCalls.UNSHARE)),
    /** Without a filter of system calls, which old kernels lack, and without namespaces. */
    LANDLOCK_ONLY(List.of(SystemCalls.UNSHARE, SystemCalls.SECCOMP));

    private static final int EPERM = 0x00050001;
    private static final int ALLOW = 0x7fff0000;

    private final List<SystemCall> refused;

    Surroundings(List<SystemCall> refused) {
        this.refused = refused;
    }

    /** Starts a process in these surroundings. */
    Process start(ProcessBuilder builder) throws IOException, InterruptedException {
        FutureTask<Process> start = new FutureTask<>(() -> {
            if (!refused.isEmpty()) {
                int unused = SeccompFilter.installOnThisThread(
                        Libc.get().orElseThrow(),
                        Architecture.ofThisMachine().orElseThrow(),
                        program(Architecture.ofThisMachine().orElseThrow()),
                        false);
            }
            return builder.start();
        });
        Thread.ofPlatform().start(start);
        try {
            return start.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    private List<Instruction> program(Architecture architecture) {
        int number = 0;
        List<Instruction> program = new ArrayList<>(List.of(Instruction.load(number)));
        for (SystemCall call : refused) {
            program.add(Instruction.ifEqual(call.number(architecture), 0, 1));
            program.add(Instruction.answer(EPERM));
        }
        program.add(Instruction.answer(ALLOW));
        return program;
    }
}
