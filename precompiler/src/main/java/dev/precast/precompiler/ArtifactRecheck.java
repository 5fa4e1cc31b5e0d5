package dev.precast.precompiler;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.damage.Recheck;
import dev.precast.cache.damage.Recheck.Verdict;
import dev.precast.cache.damage.Rechecks;
import dev.precast.cache.event.CompileEvent;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.precompiler.ModuleRun.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Tests an artifact that a host could not load: compiles its module again, compares the bytes, and lets a confined child
 * load the artifact. Withdraws it only if enough workers cannot load it.
 */
final class ArtifactRecheck {
    /** The code of the rejection of a module whose artifact does not load. */
    static final String CODE = "unloadable";

    private static final System.Logger LOG = System.getLogger(ArtifactRecheck.class.getName());
    private static final Duration ANOTHER_WORKER = Duration.ofSeconds(15);
    private static final int MOST_TRIES = 3;
    private static final String PROCESS = UUID.randomUUID().toString();

    private final Workbench bench;
    private final ServedLane lane;
    private final ArtifactKey key;
    private final StoredArtifact artifact;
    private final Rechecks rechecks;
    private final String worker;

    ArtifactRecheck(Workbench bench, ServedLane lane, ArtifactKey key, StoredArtifact artifact) {
        this.bench = bench;
        this.lane = lane;
        this.key = key;
        this.artifact = artifact;
        this.rechecks = bench.stores().rechecks();
        // The work folder tells workers in one process apart.
        this.worker = UUID.nameUUIDFromBytes((PROCESS + bench.config().work()).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** What the load side says. */
    private sealed interface Loading {
        record Loads() implements Loading {}

        record Refused(String why) implements Loading {}

        record Unknown(String why) implements Loading {}

        /** Another process ended the child. */
        record Stopped(String why) implements Loading {}
    }

    /**
     * Tests the artifact. Call it on a platform thread only.
     *
     * @return empty if no recheck of this artifact is open
     */
    Optional<Answer> run() throws IOException, InterruptedException {
        Recheck open = rechecks.find(key)
                .filter(recheck -> recheck.payload().equals(payload()))
                .orElse(null);
        if (open == null) {
            return Optional.empty();
        }
        if (!open.isRefused() && open.refusedBy().contains(worker)) {
            return Optional.of(new Answer.HandBack(ANOTHER_WORKER));
        }
        Optional<Blob> module = bench.stores().modules().find(key.module().digest());
        if (lane.pack().commands().check().isEmpty() || !isOfThisPack() || module.isEmpty()) {
            return Optional.of(closed(Verdict.UNDECIDED));
        }
        try (ChildFolder folder = ChildFolder.in(bench.config().jobs());
                ChildFolder mine = ChildFolder.in(bench.config().outputs())) {
            return Optional.of(test(module.get(), folder, mine));
        }
    }

    private Digest payload() {
        return artifact.payload().digest();
    }

    private boolean isOfThisPack() {
        try {
            return Attestation.unverified(artifact.state().envelope())
                    .pack()
                    .equals(lane.pack().digest());
        } catch (RefusedException e) {
            return false;
        }
    }

    private Answer test(Blob module, ChildFolder folder, ChildFolder mine) throws IOException, InterruptedException {
        ModuleRun run = new ModuleRun(bench, lane, key, folder, mine);
        Optional<Ended> refused = run.prepare(module);
        Ended ended = refused.isPresent() ? refused.get() : run.run();
        if (ended instanceof Ended.Stopped stopped) {
            return stopped(stopped.why());
        }
        if (!(ended instanceof Ended.Payload made)) {
            return undecided("the module does not compile again: " + ended);
        }
        boolean equal = made.forms().raw().digest().equals(payload());
        Path current = equal ? made.file() : stored(mine);
        return switch (loading(run, current)) {
            case Loading.Loads _ -> {
                if (!equal) {
                    LOG.log(
                            Level.WARNING,
                            "pack " + lane.pack() + ": compiles module " + key.module()
                                    + " to different bytes each time");
                }
                yield closed(Verdict.LOADS);
            }
            case Loading.Unknown unknown -> undecided(unknown.why());
            case Loading.Stopped stopped -> stopped(stopped.why());
            case Loading.Refused why ->
                switch (equal ? why : loading(run, made.file())) {
                    case Loading.Loads _ -> refused(why, false);
                    case Loading.Refused _ -> refused(why, true);
                    case Loading.Unknown unknown -> undecided(unknown.why());
                    case Loading.Stopped stopped -> stopped(stopped.why());
                };
        };
    }

    /** Copies the stored payload. */
    private Path stored(ChildFolder mine) throws IOException {
        Blob blob = bench.stores()
                .payloads()
                .find(payload())
                .orElseThrow(() -> new IOException("payload " + payload() + ": not stored"));
        try (InputStream in = blob.open()) {
            Digest found = mine.write("stored", in);
            if (!found.equals(payload())) {
                throw new IOException("payload " + payload() + ": damaged: found " + found);
            }
        }
        return mine.path().resolve("stored");
    }

    /** Runs the pack's load side over an artifact in a confined child. */
    private Loading loading(ModuleRun run, Path payload) throws IOException, InterruptedException {
        try (ChildFolder child = ChildFolder.in(bench.config().jobs());
                InputStream in = Files.newInputStream(payload)) {
            child.write(PackCommand.ARTIFACT, in);
            child.writeConfig(lane.offer().lane().config());
            List<String> command = PackCommand.check(
                    lane.pack(),
                    key,
                    bench.config().limits().heapMb(),
                    bench.aot().flag(lane.pack()));
            return switch (run.child(child, command)) {
                case ChildProcess.Exited exited when exited.code() == 0 -> new Loading.Loads();
                case ChildProcess.Exited exited
                when exited.code() == ModuleRun.EXIT_REJECTED ->
                    Rejection.parse(Rejection.lastLine(exited.err()))
                            .<Loading>map(why -> new Loading.Refused(why.message()))
                            .orElseGet(() -> new Loading.Unknown("check: malformed rejection"));
                case ChildProcess.Exited exited
                when ModuleRun.isStopped(exited.code()) -> new Loading.Stopped("check: " + CrashText.of(exited));
                case ChildProcess.Exited exited -> new Loading.Unknown("check: " + CrashText.of(exited));
                case ChildProcess.Killed killed -> new Loading.Unknown("check: " + killed.why());
            };
        }
    }

    /** @param rejected whether the module compiles to nothing that loads */
    private Answer refused(Loading.Refused why, boolean rejected) {
        Optional<Recheck> now = rechecks.refused(key, worker);
        if (now.filter(Recheck::isRefused).isEmpty()) {
            return new Answer.HandBack(ANOTHER_WORKER);
        }
        LOG.log(Level.WARNING, "artifact of " + key + ": withdrawn, because it does not load: " + why.why());
        if (rejected) {
            new Outcome(bench, lane, key).unloadable(new Rejection(CODE, why.why()), payload());
            return closed(Verdict.REJECTED);
        }
        bench.stores().artifacts().withdraw(key, payload());
        bench.messages().events().publish(new CompileEvent(key, CompileEvent.Kind.WITHDRAWN));
        closed(Verdict.REPLACED);
        return new Answer.HandBack(Duration.ZERO); // This or another worker compiles the module now.
    }

    /** Tests again later, without counting a try: a stopped child says nothing about the artifact. */
    private Answer stopped(String why) {
        LOG.log(Level.WARNING, "artifact of " + key + ": test stopped: " + Rejection.shortened(why) + "; handed back");
        return new Answer.HandBack(ANOTHER_WORKER);
    }

    private Answer undecided(String why) {
        LOG.log(Level.WARNING, "artifact of " + key + ": could not be tested: " + Rejection.shortened(why));
        boolean again = rechecks.undecided(key)
                .filter(recheck -> recheck.tries() < MOST_TRIES)
                .isPresent();
        return again ? new Answer.HandBack(ANOTHER_WORKER) : closed(Verdict.UNDECIDED);
    }

    private Answer closed(Verdict verdict) {
        rechecks.close(key, verdict);
        return new Answer.Done("recheck-" + verdict.label());
    }
}
