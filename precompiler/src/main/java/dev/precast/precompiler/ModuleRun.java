package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.store.Blob;
import dev.precast.load.PayloadFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Compiles a module in a confined child and checks the output. Stores nothing. */
final class ModuleRun {
    /** Exit code: the module is rejected. The last line of the child's standard error says why. */
    static final int EXIT_REJECTED = 65;
    /** The exit code of {@code -XX:+ExitOnOutOfMemoryError}. */
    private static final int EXIT_OUT_OF_MEMORY = 3;
    /** Exit code after a SIGKILL that the worker did not send, probably because the machine ran out of memory. */
    private static final int EXIT_SIGKILL = 128 + 9;

    private static final int EXIT_SIGXCPU = 128 + 24;
    /** Exit codes after signals that ask programs to end. A service manager may send them to children too. */
    private static final int EXIT_SIGHUP = 128 + 1;

    private static final int EXIT_SIGINT = 128 + 2;
    private static final int EXIT_SIGTERM = 128 + 15;

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;
    private final ChildFolder folder;
    private final ChildFolder mine;
    private boolean childStarted;

    /**
     * @param folder the child's folder
     * @param mine a folder that the child cannot reach, for its output
     */
    ModuleRun(Workbench bench, ServedLane lane, ArtifactKey key, ChildFolder folder, ChildFolder mine) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
        this.folder = folder;
        this.mine = mine;
    }

    /** The result. */
    sealed interface Ended {
        /**
         * The module was compiled.
         *
         * @param file the uncompressed payload
         */
        record Payload(Path file, PayloadForms forms) implements Ended {}

        record Rejected(Rejection why) implements Ended {}

        record Failed(Cause cause, String why) implements Ended {}

        /** Another process ended the child: one that stops this worker with its children, for example. */
        record Stopped(String why) implements Ended {}

        /** @param found the digest of the bytes that were read, which differs from the key's */
        record Damaged(Digest found) implements Ended {}
    }

    /** Writes the child's input. Returns the result if no child must be started. */
    Optional<Ended> prepare(Blob module) throws IOException {
        try (InputStream in = module.open()) {
            Digest found = folder.write(PackCommand.IN, in);
            if (!found.equals(key.module().digest())) {
                return Optional.of(new Ended.Damaged(found));
            }
        }
        Optional<Rejection> refused = Screening.of(
                folder.path().resolve(PackCommand.IN),
                key.lane().target(),
                bench.config().caps());
        if (refused.isEmpty()) {
            folder.writeConfig(lane.offer().lane().config());
        }
        return refused.map(Ended.Rejected::new);
    }

    /** Runs the child after {@link #prepare}. */
    Ended run() throws IOException, InterruptedException {
        Limits limits = bench.config().limits();
        Lane compiled = lane.offer().lane();
        EnginePack pack = lane.pack();
        return switch (child(
                folder,
                PackCommand.compile(
                        pack,
                        compiled.config(),
                        compiled.target(),
                        limits.heapMb(),
                        bench.aot().flag(pack)))) {
            case ChildProcess.Killed killed -> new Ended.Failed(killed.cause(), killed.why());
            case ChildProcess.Exited exited ->
                switch (exited.code()) {
                    case 0 -> output();
                    case EXIT_REJECTED -> rejected(Rejection.lastLine(exited.err()));
                    case EXIT_OUT_OF_MEMORY -> new Ended.Failed(Cause.MEMORY, "child: out of heap memory");
                    case EXIT_SIGKILL ->
                        new Ended.Failed(Cause.MEMORY, "child: killed, probably because the machine ran out of memory");
                    case EXIT_SIGXCPU -> new Ended.Failed(Cause.TIME, "child: exceeded the CPU time limit");
                    default ->
                        isStopped(exited.code())
                                ? new Ended.Stopped(CrashText.of(exited))
                                : new Ended.Failed(Cause.CRASH, CrashText.of(exited));
                };
        };
    }

    /** Whether a child with this exit code was asked to end, which says nothing about its input. */
    static boolean isStopped(int exitCode) {
        return exitCode == EXIT_SIGHUP || exitCode == EXIT_SIGINT || exitCode == EXIT_SIGTERM;
    }

    /** Runs a command of the pack in a child's folder, under the limits of a compilation. */
    ChildProcess.Result child(ChildFolder in, List<String> command) throws IOException, InterruptedException {
        EnginePack pack = lane.pack();
        if (!pack.files().unchanged()) {
            throw new IOException("pack " + pack + ": files changed after the worker hashed them; restart the worker");
        }
        ChildProcess process = new ChildProcess(
                in,
                bench.aot().readable(pack),
                bench.config().limits(),
                Supervision.ofThisProcess().cgroups(),
                bench.config().slots());
        try {
            return process.run(command);
        } finally {
            childStarted |= process.hasStarted();
        }
    }

    /** Whether a child was started, whatever came of it. */
    boolean hasStarted() {
        return childStarted;
    }

    private static Ended rejected(String line) {
        return Rejection.parse(line)
                .<Ended>map(Ended.Rejected::new)
                .orElseGet(() -> new Ended.Failed(
                        Cause.CRASH,
                        "child: malformed rejection (expected JSON with code and message, found " + line + ")"));
    }

    private Ended output() throws IOException {
        long maxBytes = (long) bench.config().limits().outputMb() << 20;
        return switch (folder.takeOut(PackCommand.OUT, mine.path().resolve("payload"), maxBytes)) {
            case ChildFolder.TakenOut.TooLarge large ->
                new Ended.Failed(Cause.OUTPUT, "output: larger than " + large.maxBytes() + " bytes");
            case ChildFolder.TakenOut.Unusable unusable -> new Ended.Failed(Cause.CRASH, unusable.why());
            case ChildFolder.TakenOut.Copied copied -> {
                try {
                    Optional<SizedDigest> index = PayloadFormat.named(
                                    lane.offer().format())
                            .check(copied.file(), lane.offer().lane());
                    yield new Ended.Payload(
                            copied.file(), PayloadForms.of(copied, mine.path().resolve("payload.zst"), index));
                } catch (RefusedException e) {
                    yield new Ended.Failed(Cause.CRASH, "output: hosts would refuse it: " + e.getMessage());
                }
            }
        };
    }
}
