package dev.precast.precompiler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Starts children, confined as far as this system can. Thread safe. */
final class Launch {
    private static final Path USER_NAMESPACE = Path.of("ns", "user");

    private final Landlock.Support landlock;
    private final SeccompFilter.Support filter;
    private final Way way;
    private final List<String> failures;

    private Launch(Landlock.Support landlock, SeccompFilter.Support filter, Way way, List<String> failures) {
        this.landlock = landlock;
        this.filter = filter;
        this.way = way;
        this.failures = List.copyOf(failures);
    }

    /** Tries what works on this system, by starting a program. Call this method on a platform thread only. */
    static Launch detect() {
        Landlock.Support landlock = Landlock.detect();
        SeccompFilter.Support filter = SeccompFilter.detect();
        List<String> failures = new ArrayList<>();
        for (Way way : Way.values()) {
            Launch launch = new Launch(landlock, filter, way, failures);
            Optional<String> failure = way == Way.DIRECT ? Optional.empty() : launch.failure();
            if (failure.isEmpty()) {
                return launch;
            }
            failures.add(failure.get());
        }
        throw new AssertionError();
    }

    private Optional<String> failure() {
        if (filter instanceof SeccompFilter.Support.Missing missing) {
            return Optional.of(missing.why());
        }
        ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", "exit 0")
                .directory(Path.of(System.getProperty("java.io.tmpdir")).toFile());
        builder.environment().clear();
        try {
            Child child = start(builder, List.of());
            child.letIn(pid -> {});
            int code = child.process().waitFor();
            return code == 0 ? Optional.empty() : Optional.of("exit code " + code);
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    Landlock.Support landlock() {
        return landlock;
    }

    SeccompFilter.Support filter() {
        return filter;
    }

    Way way() {
        return way;
    }

    /** Why better ways do not work here, best way first. */
    List<String> failures() {
        return failures;
    }

    /**
     * Starts a command. Call this method on a platform thread only.
     *
     * @param readable files that the child may read and execute, in addition to the system's programs and the JDK
     * @return a child that waits at its gate
     */
    Child start(ProcessBuilder builder, List<Path> readable) throws IOException {
        List<String> command = List.copyOf(builder.command());
        builder.command(way.around(command));
        try {
            // The thread loads no classes of this program after it has given up its rights.
            int[] listener = {0};
            FutureTask<Process> start = new FutureTask<>(() -> {
                listener[0] = restrictThisThread(builder, readable);
                return builder.start();
            });
            // In a new thread, because a thread cannot regain its rights.
            Thread.ofPlatform().name("precast-child-start").start(start);
            return started(start, listener);
        } finally {
            builder.command(command);
        }
    }

    private Child started(FutureTask<Process> start, int[] listener) throws IOException {
        try {
            return new Child(resultOf(start), way, gate(listener[0]));
        } catch (IOException | RuntimeException | Error e) {
            gate(listener[0]).ifPresent(Gate::close);
            throw e;
        }
    }

    private Optional<Gate> gate(int listener) {
        return listener > 0 && filter instanceof SeccompFilter.Support.Available available
                ? Optional.of(available.filter().gate(listener))
                : Optional.empty();
    }

    /** Returns the listener of the filter; 0 if there is none. */
    private int restrictThisThread(ProcessBuilder builder, List<Path> readable) throws IOException {
        if (Libc.get().isPresent()) {
            Libc.get().get().forbidNewPrivileges();
        }
        // Landlock goes first: the filter refuses its calls.
        if (landlock instanceof Landlock.Support.Available available) {
            List<Path> all = new ArrayList<>(readable);
            all.add(Path.of(System.getProperty("java.home")));
            available.landlock().restrictThisThread(all, builder.directory().toPath());
        }
        return filter instanceof SeccompFilter.Support.Available available
                ? available.filter().installOnThisThread(way)
                : 0;
    }

    private static Process resultOf(FutureTask<Process> start) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return start.get();
                } catch (InterruptedException e) {
                    interrupted = true; // A started child must be recorded, so this does not react to interrupts.
                } catch (ExecutionException e) {
                    throw failure(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case Error e -> throw e;
            case null, default -> new IOException(String.valueOf(cause), cause);
        };
    }

    /** A started child. Not thread safe. */
    record Child(Process process, Way way, Optional<Gate> gate) {
        /**
         * Lets the child's command run. Closes the gate.
         *
         * @param prepare sets limits of the process with the given id, which all processes of the command inherit
         * @throws IOException if the child did not get so far; it was killed
         */
        void letIn(LongConsumer prepare) throws IOException {
            boolean passed = false;
            try {
                if (gate.isEmpty()) {
                    prepare.accept(process.pid());
                } else {
                    if (way == Way.NAMESPACES) {
                        gate.get().pass(process, Way.Knock.UNSHARE, this::requireOutermost);
                    }
                    gate.get().pass(process, Way.Knock.SHELL, pid -> {
                        if (way == Way.NAMESPACES) {
                            requireOwnNamespace(pid);
                            Libc.get()
                                    .orElseThrow()
                                    .limitProcesses(pid, ChildProcess.MAX_THREADS + ChildProcess.MAX_PROCESSES);
                        } else {
                            requireOutermost(pid);
                        }
                        prepare.accept(pid);
                    });
                }
                passed = true;
            } finally {
                gate.ifPresent(Gate::close);
                if (!passed) {
                    process.destroyForcibly();
                }
            }
        }

        private void requireOutermost(long pid) throws IOException {
            if (pid != process.pid()) {
                throw new IOException("unexpected process " + pid + " (expected " + process.pid() + ")");
            }
        }

        private static void requireOwnNamespace(long pid) throws IOException {
            if (Files.readSymbolicLink(Path.of("/proc", String.valueOf(pid)).resolve(USER_NAMESPACE))
                    .equals(Files.readSymbolicLink(Path.of("/proc/self").resolve(USER_NAMESPACE)))) {
                throw new IOException("process " + pid + " is not in a user namespace of its own");
            }
        }
    }
}
