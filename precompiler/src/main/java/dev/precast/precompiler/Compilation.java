package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleException;
import dev.precast.compile.CompileEvent;
import dev.precast.compile.CompileOutcome;
import dev.precast.compile.CompileOutcome.Cause;
import dev.precast.compile.OutcomeRecord;
import dev.precast.json.JsonObject;
import dev.precast.module.WasmKind;
import dev.precast.store.Artifacts.Lookup;
import dev.precast.store.Blob;
import dev.precast.store.ContentStore;
import dev.precast.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Answers one request: looks whether there is anything to do, compiles in a child, publishes what came of it. */
final class Compilation {
    /** A request that another worker may do better comes back to the queue for that long at most. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(15);
    /** What {@code -XX:+ExitOnOutOfMemoryError} exits with. */
    private static final int EXIT_OUT_OF_MEMORY = 3;
    /** Killed, and not by us: the kernel ran out of memory. */
    private static final int EXIT_SIGKILL = 128 + 9;

    private static final int EXIT_SIGXCPU = 128 + 24;
    private static final int EXIT_REJECTED = 65;

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;

    Compilation(Workbench bench, ServedLane lane, ArtifactKey key) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
    }

    /**
     * @throws InterruptedException if this thread was interrupted; the child is gone, and its start does not count
     * @throws StoreException if the store fails
     */
    Answer run() throws IOException, InterruptedException {
        if (bench.stores().artifacts().find(key) instanceof Lookup.Present) {
            tell(CompileEvent.Kind.COMPILED);
            return new Answer.Done("present");
        }
        Optional<CompileOutcome> known = bench.stores().outcomes().find(key);
        Answer standing = known.map(this::standing).orElse(null);
        if (standing != null) {
            return standing;
        }
        Optional<Blob> module = bench.stores().modules().find(key.module().digest());
        if (module.isEmpty()) {
            return new Answer.Done("module-unknown");
        }
        try (ChildFolder folder = ChildFolder.in(bench.jobs());
                ChildFolder mine = ChildFolder.in(bench.outputs())) {
            return compile(module.get(), attempts(known), folder, mine);
        } catch (InterruptedException | IOException | StoreException e) {
            Thread.interrupted(); // Or writing would be cut short again.
            restore(known);
            throw e;
        }
    }

    /** The answer if an earlier outcome still stands for this worker, or null. */
    private @Nullable Answer standing(CompileOutcome known) {
        return switch (known) {
            case CompileOutcome.Compiled compiled -> null;
            case CompileOutcome.Rejected rejected -> {
                if (!rejected.pack().equals(lane.pack().digest())
                        || !rejected.caps().equals(lane.offer().caps())) {
                    yield null;
                }
                tell(CompileEvent.Kind.REJECTED);
                yield new Answer.Done("known");
            }
            case CompileOutcome.Failed failed -> {
                Duration left = Duration.between(bench.clock().instant(), failed.retryAt());
                if (!left.isPositive()
                        || !failed.pack().equals(lane.pack().digest())
                        || bench.config().limits().mayDoBetterThan(failed.limits(), failed.cause())) {
                    yield null;
                }
                tell(CompileEvent.Kind.FAILED);
                yield new Answer.HandBack(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
            }
        };
    }

    private static int attempts(Optional<CompileOutcome> known) {
        return known.filter(k -> k instanceof CompileOutcome.Failed)
                .map(k -> ((CompileOutcome.Failed) k).attempts())
                .orElse(0);
    }

    private Answer compile(Blob module, int attempts, ChildFolder folder, ChildFolder mine)
            throws IOException, InterruptedException {
        Instant started = bench.clock().instant();
        try (InputStream in = module.open()) {
            var found = folder.write(PackCommand.IN, in);
            if (!found.equals(key.module().digest())) {
                throw new StoreException("module " + key.module() + ": the store holds " + found, false, null);
            }
        }
        Optional<Answer> refused = refusedUnseen(folder.path().resolve(PackCommand.IN));
        if (refused.isPresent()) {
            return refused.get();
        }
        byte[] config = lane.offer().lane().config().canonical().getBytes(StandardCharsets.UTF_8);
        folder.write(PackCommand.CONFIG, new ByteArrayInputStream(config));
        if (!lane.pack().files().unchanged()) {
            throw new IOException("pack " + lane.pack() + " was changed since it was allowed");
        }
        // Before the child starts: a worker that dies with its child does not try again at once.
        int attempt = attempts + 1;
        putFailed(Cause.CRASH, "the worker did not finish", attempt);

        List<String> command = PackCommand.expand(
                lane.pack().command(),
                PackCommand.values(lane.pack(), bench.config().limits().heapMb(), ""));
        ChildProcess child = new ChildProcess(folder, bench.config().limits());
        return switch (child.run(command)) {
            case ChildProcess.Killed killed -> failed(killed.cause(), killed.why(), attempt);
            case ChildProcess.Exited exited ->
                switch (exited.code()) {
                    case 0 -> publish(module.size(), started, attempt, folder, mine);
                    case EXIT_REJECTED -> rejected(exited.err(), attempt);
                    case EXIT_OUT_OF_MEMORY -> failed(Cause.MEMORY, "the heap was too small", attempt);
                    case EXIT_SIGKILL -> failed(Cause.MEMORY, "killed, most likely for want of memory", attempt);
                    case EXIT_SIGXCPU -> failed(Cause.TIME, "too much CPU time", attempt);
                    default ->
                        failed(Cause.CRASH, "exit code " + exited.code() + ": " + lastLine(exited.err()), attempt);
                };
        };
    }

    /** What is refused without a child: no wasm, a component in a lane of the JVM. */
    private Optional<Answer> refusedUnseen(Path wasm) throws IOException {
        byte[] preamble;
        try (InputStream in = Files.newInputStream(wasm)) {
            preamble = in.readNBytes(WasmKind.PREAMBLE_BYTES);
        }
        return switch (WasmKind.of(preamble)) {
            case OTHER -> Optional.of(rejected("not-wasm", "neither a core module of version 1 nor a component"));
            case COMPONENT ->
                key.lane().target().equals(Target.JVM)
                        ? Optional.of(rejected("component-unsupported", "engines of the JVM run core modules"))
                        : Optional.empty();
            case MODULE -> Optional.empty();
        };
    }

    private Answer publish(long moduleBytes, Instant started, int attempt, ChildFolder folder, ChildFolder mine)
            throws IOException {
        long maxBytes = (long) bench.config().limits().outputMb() << 20;
        Path payload = mine.path().resolve("payload");
        Path zst = mine.path().resolve("payload.zst");
        ChildFolder.TakenOut.Copied copied;
        switch (folder.takeOut(PackCommand.OUT, payload, maxBytes)) {
            case ChildFolder.TakenOut.Copied c -> copied = c;
            case ChildFolder.TakenOut.TooLarge large -> {
                return failed(Cause.OUTPUT, "more than " + large.maxBytes() + " bytes of output", attempt);
            }
            case ChildFolder.TakenOut.Unusable unusable -> {
                return failed(Cause.CRASH, unusable.why(), attempt);
            }
        }
        PayloadForms forms;
        try {
            forms = PayloadForms.of(
                    new SizedDigest(copied.digest(), copied.size()),
                    payload,
                    zst,
                    lane.pack().format());
        } catch (BundleException e) {
            return failed(Cause.CRASH, "the output is no bundle: " + e.getMessage(), attempt);
        }
        put(payload, forms.raw());
        put(zst, forms.compressed());
        Attestation attestation = new Attestation(
                key.module(),
                moduleBytes,
                lane.offer().lane(),
                lane.pack().format(),
                forms.raw(),
                Optional.of(forms.compressed()),
                forms.index(),
                lane.pack().digest(),
                Workbench.runtime(),
                bench.config().builder(),
                started,
                bench.clock().instant());
        Lookup now = bench.stores().artifacts().publish(attestation, attestation.sign(bench.key()));
        if (now instanceof Lookup.Absent absent) {
            throw new StoreException(
                    "attestation of " + key + " does not count: "
                            + absent.refused().orElse("it is not in the store"),
                    false,
                    null);
        }
        bench.stores().outcomes().delete(key);
        tell(CompileEvent.Kind.COMPILED);
        return new Answer.Done("compiled", copied.size());
    }

    private void put(Path file, SizedDigest expected) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            ContentStore.Put put = bench.stores().payloads().put(in, expected.digest(), expected.size());
            if (!(put instanceof ContentStore.Put.Stored)) {
                throw new StoreException("payload " + expected.digest() + ": " + put, false, null);
            }
        }
    }

    /** @param err its last line is a JSON object of code and message */
    private Answer rejected(String err, int attempt) {
        String last = lastLine(err);
        return Rejection.parse(last)
                .map(r -> rejected(r.code(), r.message()))
                .orElseGet(() -> failed(Cause.CRASH, "a rejection that cannot be read: " + last, attempt));
    }

    private Answer rejected(String code, String message) {
        CompileOutcome.Rejected rejected = new CompileOutcome.Rejected(
                key,
                lane.pack().digest(),
                lane.offer().caps(),
                code,
                message,
                bench.clock().instant());
        bench.stores().outcomes().put(key, OutcomeRecord.sign(rejected, bench.key()));
        tell(CompileEvent.Kind.REJECTED);
        return new Answer.Done("rejected");
    }

    private Answer failed(Cause cause, String message, int attempt) {
        putFailed(cause, message, attempt);
        tell(CompileEvent.Kind.FAILED);
        return new Answer.Done("failed-" + cause.name().toLowerCase(Locale.ROOT));
    }

    private void putFailed(Cause cause, String message, int attempt) {
        Instant now = bench.clock().instant();
        Duration delay = new Backoff(bench.config().retryBase()).after(attempt);
        CompileOutcome.Failed failed = new CompileOutcome.Failed(
                key, lane.pack().digest(), cause, message, bench.config().limits(), attempt, now, now.plus(delay));
        bench.stores().outcomes().put(key, OutcomeRecord.sign(failed, bench.key()));
    }

    /** As if no child had been started. */
    private void restore(Optional<CompileOutcome> known) {
        switch (known.orElse(null)) {
            case null -> bench.stores().outcomes().delete(key);
            case CompileOutcome.Compiled compiled -> bench.stores().outcomes().delete(key);
            case CompileOutcome.Rejected rejected ->
                bench.stores().outcomes().put(key, OutcomeRecord.sign(rejected, bench.key()));
            case CompileOutcome.Failed failed ->
                bench.stores().outcomes().put(key, OutcomeRecord.sign(failed, bench.key()));
        }
    }

    /** After the store was written: whoever hears it looks there. */
    private void tell(CompileEvent.Kind kind) {
        bench.events().publish(new CompileEvent(key, kind));
    }

    private static String lastLine(String text) {
        List<String> lines = text.strip().lines().toList();
        return lines.isEmpty() ? "" : Rejection.shortened(lines.get(lines.size() - 1));
    }

    /** What a child says of a module that it rejects. */
    private record Rejection(String code, String message) {
        private static final int MAX_MESSAGE = 500;

        static Optional<Rejection> parse(String line) {
            try {
                JsonObject json = dev.precast.json.Json.parse(line).asObject("rejection");
                String code = json.string("code");
                return code.matches("[a-z][a-z0-9-]{0,63}")
                        ? Optional.of(new Rejection(code, shortened(json.string("message"))))
                        : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        static String shortened(String text) {
            String printable = text.replaceAll("\\p{Cntrl}", " ");
            return printable.length() <= MAX_MESSAGE ? printable : printable.substring(0, MAX_MESSAGE) + "…";
        }
    }
}
