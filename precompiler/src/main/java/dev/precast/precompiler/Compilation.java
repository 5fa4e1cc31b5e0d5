package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.load.PayloadFormat;
import dev.precast.module.EmptyModule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Answers one request: looks whether there is anything to do, compiles in a child, publishes what came of it. */
final class Compilation {
    /** The module's fault; the last line that the child prints to its errors says why. */
    private static final int EXIT_REJECTED = 65;
    /** What {@code -XX:+ExitOnOutOfMemoryError} exits with. */
    private static final int EXIT_OUT_OF_MEMORY = 3;
    /** Killed, and not by us: the kernel ran out of memory. */
    private static final int EXIT_SIGKILL = 128 + 9;

    private static final int EXIT_SIGXCPU = 128 + 24;

    private static final System.Logger LOG = System.getLogger(Compilation.class.getName());

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;

    Compilation(Workbench bench, ServedLane lane, ArtifactKey key) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
    }

    /**
     * Only from a platform thread.
     *
     * @throws InterruptedException if this thread was interrupted; the child is gone, and its start does not count
     * @throws StoreException if the store fails; the start of a child does not count then either
     */
    Answer run() throws IOException, InterruptedException {
        if (bench.stores().artifacts().find(key).isPresent()) {
            bench.events().publish(new CompileEvent(key, CompileEvent.Kind.COMPILED));
            return new Answer.Done("present");
        }
        Outcome outcome = new Outcome(bench, lane, key);
        Answer known = outcome.known();
        if (known != null) {
            return known;
        }
        Optional<Blob> module = module();
        if (module.isEmpty()) {
            return new Answer.Done("module-unknown");
        }
        try (ChildFolder folder = ChildFolder.in(bench.config().jobs());
                ChildFolder mine = ChildFolder.in(bench.config().outputs())) {
            return compile(module.get(), outcome, folder, mine);
        } catch (InterruptedException | IOException | StoreException e) {
            Thread.interrupted(); // Or writing would be cut short again.
            outcome.restore();
            throw e;
        } catch (Error e) {
            // A class or memory that this process lacks: handed back, the request would meet it again, and again.
            LOG.log(Level.ERROR, "compiling " + key + ": " + e, e);
            return outcome.failed(Cause.CRASH, "the worker failed: " + e);
        }
    }

    /** Nobody has to upload the empty module, and a worker could not. */
    private Optional<Blob> module() {
        return key.module().equals(EmptyModule.DIGEST)
                ? Optional.of(Blob.of(EmptyModule.wasm()))
                : bench.stores().modules().find(key.module().digest());
    }

    private Answer compile(Blob module, Outcome outcome, ChildFolder folder, ChildFolder mine)
            throws IOException, InterruptedException {
        Instant started = bench.clock().instant();
        try (InputStream in = module.open()) {
            Digest found = folder.write(PackCommand.IN, in);
            if (!found.equals(key.module().digest())) {
                throw new StoreException("module " + key.module() + ": the store holds " + found, false, null);
            }
        }
        Optional<Rejection> refused = Screening.of(
                folder.path().resolve(PackCommand.IN),
                key.lane().target(),
                bench.config().caps());
        if (refused.isPresent()) {
            return outcome.rejected(refused.get());
        }
        byte[] config = lane.offer().lane().config().canonical().getBytes(StandardCharsets.UTF_8);
        folder.write(PackCommand.CONFIG, new ByteArrayInputStream(config));
        requireThatItWouldCount(module.size(), started);
        // A lane's probe is compiled without a request in the queue, so that would look like a failure meanwhile.
        if (!key.module().equals(EmptyModule.DIGEST)) {
            outcome.starting();
        }
        return switch (child(folder)) {
            case ChildProcess.Killed killed -> outcome.failed(killed.cause(), killed.why());
            case ChildProcess.Exited exited ->
                switch (exited.code()) {
                    case 0 -> publish(module.size(), started, outcome, folder, mine);
                    case EXIT_REJECTED -> rejected(outcome, Rejection.lastLine(exited.err()));
                    case EXIT_OUT_OF_MEMORY -> outcome.failed(Cause.MEMORY, "the heap was too small");
                    case EXIT_SIGKILL -> outcome.failed(Cause.MEMORY, "killed, most likely for want of memory");
                    case EXIT_SIGXCPU -> outcome.failed(Cause.TIME, "too much CPU time");
                    default -> outcome.failed(Cause.CRASH, CrashText.of(exited));
                };
        };
    }

    private ChildProcess.Result child(ChildFolder folder) throws IOException, InterruptedException {
        EnginePack pack = lane.pack();
        if (!pack.files().unchanged()) {
            throw new IOException("pack " + pack + " was changed since it was allowed");
        }
        Limits limits = bench.config().limits();
        Lane compiled = lane.offer().lane();
        List<String> command = PackCommand.compile(
                pack,
                compiled.config(),
                compiled.target(),
                limits.heapMb(),
                bench.aot().flag(pack));
        return new ChildProcess(folder, bench.aot().readable(pack), limits).run(command);
    }

    private static Answer rejected(Outcome outcome, String line) {
        Optional<Rejection> why = Rejection.parse(line);
        return why.isPresent()
                ? outcome.rejected(why.get())
                : outcome.failed(Cause.CRASH, "a rejection that cannot be read: " + line);
    }

    private Answer publish(long moduleBytes, Instant started, Outcome outcome, ChildFolder folder, ChildFolder mine)
            throws IOException {
        long maxBytes = (long) bench.config().limits().outputMb() << 20;
        Path payload = mine.path().resolve("payload");
        return switch (folder.takeOut(PackCommand.OUT, payload, maxBytes)) {
            case ChildFolder.TakenOut.TooLarge large ->
                outcome.failed(Cause.OUTPUT, "more than " + large.maxBytes() + " bytes of output");
            case ChildFolder.TakenOut.Unusable unusable -> outcome.failed(Cause.CRASH, unusable.why());
            case ChildFolder.TakenOut.Copied copied -> {
                PayloadForms forms;
                try {
                    Optional<SizedDigest> index = PayloadFormat.named(
                                    lane.offer().format())
                            .check(copied.file(), lane.offer().lane());
                    forms = PayloadForms.of(copied, mine.path().resolve("payload.zst"), index);
                } catch (RefusedException e) {
                    yield outcome.failed(Cause.CRASH, "hosts would refuse the output: " + e.getMessage());
                }
                put(copied.file(), forms.raw());
                put(forms.compressedFile(), forms.compressed());
                attest(moduleBytes, started, forms);
                yield outcome.compiled(copied.size());
            }
        };
    }

    private void put(Path file, SizedDigest expected) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            ContentStore.Put put = bench.stores().payloads().put(in, expected.digest(), expected.size());
            if (!(put instanceof ContentStore.Put.Stored)) {
                throw new StoreException("payload " + expected.digest() + ": " + put, false, null);
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
            throw new StoreException("attestation of " + key + " does not count: " + why.get(), false, null);
        }
    }

    /** Before a child works for nothing: the policy may deny this pack, or this worker's key. */
    private void requireThatItWouldCount(long moduleBytes, Instant started) {
        SizedDigest nothing = new SizedDigest(Digest.of(new byte[0]), 0);
        Attestation draft = attestation(moduleBytes, started, nothing, Optional.empty(), Optional.empty());
        Optional<String> why = bench.stores()
                .artifacts()
                .refusal(draft, draft.sign(bench.signer().get()));
        if (why.isPresent()) {
            throw new StoreException("an attestation of " + key + " would not count: " + why.get(), false, null);
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
