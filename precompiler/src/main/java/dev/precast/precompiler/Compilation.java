package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.ByteRate;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentCheck;
import dev.precast.cache.store.ContentCheck.Result;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.DamageLog;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.cache.worker.Trouble;
import dev.precast.module.EmptyModule;
import dev.precast.precompiler.ModuleRun.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers one request: checks whether a compilation is necessary, compiles in a child process, and publishes the
 * result.
 */
final class Compilation {
    private static final System.Logger LOG = System.getLogger(Compilation.class.getName());

    /** Maximum delay of a request whose start must wait. */
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;
    private final Supplier<Optional<Trouble>> disk;
    private boolean childStarted;

    /** @param disk the trouble of the disk, if this process has it now */
    Compilation(Workbench bench, ServedLane lane, ArtifactKey key, Supplier<Optional<Trouble>> disk) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
        this.disk = disk;
    }

    /**
     * Compiles. Call it on a platform thread only. Only what the module did counts as an attempt. If something fails for
     * an unknown reason after the child's start, the start stays unfinished, as if the worker had ended. Trouble of stores,
     * of the machine or of the policy takes the start back, and so does the end of this worker.
     *
     * @throws InterruptedException if this thread was interrupted; the child was killed
     * @throws SupervisorTroubleException if this machine lacks a process, a descriptor or disk space
     * @throws VirtualMachineError if this process lacks memory or a thread
     * @throws StoreException if the store fails
     */
    Answer run() throws IOException, InterruptedException {
        Optional<StoredArtifact> artifact = bench.stores().artifacts().find(key);
        if (artifact.isPresent()) {
            Optional<Answer> tested = new ArtifactRecheck(bench, lane, key, artifact.get()).run();
            if (tested.isPresent()) {
                return tested.get();
            }
            bench.messages().events().publish(new CompileEvent(key, CompileEvent.Kind.COMPILED));
            return new Answer.Done("present");
        }
        Outcome outcome = new Outcome(bench, lane, key);
        Answer known = outcome.known();
        if (known != null) {
            return known;
        }
        StartCount starts = new StartCount(bench, key);
        Duration delay = starts.delay();
        if (delay.isPositive()) {
            return new Answer.HandBack(delay.compareTo(LOOK_AGAIN) < 0 ? delay : LOOK_AGAIN);
        }
        Optional<Blob> module = module();
        if (module.isEmpty()) {
            return new Answer.Done("module-unknown");
        }
        try (ChildFolder folder = ChildFolder.in(bench.config().jobs());
                ChildFolder mine = ChildFolder.in(bench.config().outputs())) {
            return compile(module.get(), outcome, starts, new ModuleRun(bench, lane, key, folder, mine));
        } catch (InterruptedException e) {
            throw interrupted(starts, e);
        } catch (StackOverflowError e) {
            return failed(outcome, starts, e);
        } catch (IOException | RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw interrupted(starts, e);
            }
            takeBack(starts, isExplained(e));
            throw e;
        } catch (VirtualMachineError e) {
            takeBack(starts, false); // The output of the child may be the reason.
            throw e;
        } catch (Error e) {
            return failed(outcome, starts, e);
        }
    }

    /** The worker stops, which is no fault of the module. */
    private InterruptedException interrupted(StartCount starts, Exception cause) {
        Thread.interrupted(); // Otherwise the interrupt would stop the next write.
        starts.takeBack();
        InterruptedException stopped = new InterruptedException("compiling " + key + ": interrupted");
        stopped.initCause(cause);
        return stopped;
    }

    /** Whether the machine, the disk, a store or the policy is the reason, and not the module. */
    private static boolean isExplained(Exception e) {
        return Troubles.of(e).kind() != Trouble.Kind.OTHER;
    }

    /** @param explained whether the reason is known and is not the module */
    private void takeBack(StartCount starts, boolean explained) {
        if (explained || !childStarted) {
            starts.takeBack();
        }
    }

    /** Records an error of this process that another try would meet again, such as a missing class. */
    private Answer failed(Outcome outcome, StartCount starts, Throwable e) {
        LOG.log(Level.ERROR, "compiling " + key + ": " + e, e);
        starts.end();
        return outcome.failed(Cause.CRASH, "worker: failed: " + e);
    }

    /** The module's bytes. The empty module is built in, so that it need not be uploaded. */
    private Optional<Blob> module() {
        return key.module().equals(EmptyModule.DIGEST)
                ? Optional.of(Blob.of(EmptyModule.wasm()))
                : bench.stores().modules().find(key.module().digest());
    }

    /**
     * Reads the module once more. If its bytes are still wrong, deletes it, so that clients learn that they must upload
     * it.
     *
     * @param found the digest of the bytes that were read
     */
    private Answer damaged(Digest found) {
        Digest expected = key.module().digest();
        ContentStore modules = bench.stores().modules();
        return switch (ContentCheck.of(modules, expected, ByteRate.UNLIMITED)) {
            case Result.Damaged damaged -> {
                DamageLog.SHARED.found(
                        "module " + expected, "expected " + expected + ", found " + damaged.found() + "; deleted");
                modules.delete(expected);
                yield new Answer.Done("module-unknown");
            }
            case Result.Missing _ -> new Answer.Done("module-unknown");
            case Result.Whole _ ->
                throw new StoreException(
                        "module " + expected + ": the store returned other bytes (found " + found + ")", true, null);
            case Result.Unreadable unreadable ->
                throw new StoreException("module " + expected + ": " + unreadable.why(), true, null);
        };
    }

    private Answer compile(Blob module, Outcome outcome, StartCount starts, ModuleRun run)
            throws IOException, InterruptedException {
        Instant started = bench.clock().instant();
        Optional<Ended> refused = run.prepare(module);
        if (refused.isPresent()) {
            return ended(refused.get(), module.size(), started, outcome, starts);
        }
        requireThatItWouldCount(module.size(), started);
        starts.begin();
        Ended ended;
        try {
            ended = run.run();
        } catch (RuntimeException e) {
            if (!run.hasStarted() || Thread.currentThread().isInterrupted() || isExplained(e)) {
                throw e;
            }
            // No store is called in a run, so the module or its output is the reason.
            return failed(outcome, starts, e);
        } finally {
            childStarted = run.hasStarted();
        }
        return ended(ended, module.size(), started, outcome, starts);
    }

    /**
     * Stores the result and tells receivers, which may request the key again at once. So the unfinished starts are
     * deleted first.
     */
    private Answer ended(Ended ended, long moduleBytes, Instant started, Outcome outcome, StartCount starts)
            throws IOException {
        return switch (ended) {
            case Ended.Damaged damaged -> {
                starts.end();
                yield damaged(damaged.found());
            }
            case Ended.Rejected rejected -> {
                starts.end();
                yield outcome.rejected(rejected.why());
            }
            case Ended.Failed failed -> {
                if (failed.cause() == Cause.CRASH) {
                    requireSpace(failed.why());
                }
                starts.end();
                yield outcome.failed(failed.cause(), failed.why());
            }
            case Ended.Stopped stopped -> {
                LOG.log(Level.WARNING, key + ": compiler process " + stopped.why() + "; handed back");
                yield new Answer.HandBack(Duration.ZERO);
            }
            case Ended.Payload payload -> {
                PayloadForms forms = payload.forms();
                put(payload.file(), forms.raw());
                put(forms.compressedFile(), forms.compressed());
                attest(moduleBytes, started, forms);
                starts.end();
                bench.aot().compiled(lane.pack());
                yield outcome.compiled(forms.raw().size());
            }
        };
    }

    /** Compilers end in any way if they cannot write their output. */
    private void requireSpace(String ended) throws FullDiskException {
        Optional<Trouble> full = disk.get();
        if (full.isPresent()) {
            throw new FullDiskException(full.get(), ended);
        }
    }

    private void put(Path file, SizedDigest expected) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            ContentStore.Put put = bench.stores().payloads().put(in, expected.digest(), expected.size());
            if (!(put instanceof ContentStore.Put.Stored)) {
                throw new StoreException("payload " + expected.digest() + ": not stored: " + put, false, null);
            }
        }
    }

    private void attest(long moduleBytes, Instant started, PayloadForms forms) {
        Attestation attestation =
                attestation(moduleBytes, started, forms.raw(), Optional.of(forms.compressed()), forms.index());
        Optional<String> why = bench.stores()
                .artifacts()
                .publish(attestation, attestation.sign(bench.signer().get()));
        if (why.isPresent()) {
            throw new RefusedByPolicyException("attestation of " + key + ": not accepted by the policy: " + why.get());
        }
    }

    /** Checks that the policy accepts this pack and this worker's key; otherwise a compilation would be useless. */
    private void requireThatItWouldCount(long moduleBytes, Instant started) {
        SizedDigest nothing = new SizedDigest(Digest.of(new byte[0]), 0);
        Attestation draft = attestation(moduleBytes, started, nothing, Optional.empty(), Optional.empty());
        Optional<String> why = bench.stores()
                .artifacts()
                .refusal(draft, draft.sign(bench.signer().get()));
        if (why.isPresent()) {
            throw new RefusedByPolicyException(
                    "attestation of " + key + ": would not be accepted by the policy: " + why.get());
        }
    }

    private Attestation attestation(
            long moduleBytes,
            Instant started,
            SizedDigest payload,
            Optional<SizedDigest> compressed,
            Optional<SizedDigest> index) {
        return new Attestation(
                key.module(),
                moduleBytes,
                lane.offer().lane(),
                lane.pack().format(),
                payload,
                compressed,
                index,
                lane.pack().digest(),
                "jdk " + Runtime.version(),
                bench.config().builder(),
                started,
                bench.clock().instant());
    }
}
