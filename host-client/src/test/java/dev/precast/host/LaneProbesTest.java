package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.load.OfferedLane;
import dev.precast.load.ProbingLoader;
import dev.precast.load.VerifiedArtifact;
import dev.precast.protocol.KeyState;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LaneProbesTest {
    private static final byte[] EMPTY = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private final Deployment deployment = new Deployment();
    private final MemorySource memory = new MemorySource();
    private Instant now = Instant.parse("2026-06-01T00:00:00Z");

    /** Blocks its callers while it is shut. */
    private static final class Gate {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);
        volatile boolean shut;

        void pass() throws IOException {
            if (!shut) {
                return;
            }
            reached.countDown();
            try {
                if (!opened.await(1, TimeUnit.MINUTES)) {
                    throw new IOException("no answer");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /** Offers one lane and lists the first module as loaded by hosts; both answers wait at the gate. */
    private record Offering(MemorySource memory, boolean probeIsCompiling, Gate gate)
            implements ArtifactSource, LaneSource, CompileService, UsageService {
        Offering(MemorySource memory, boolean probeIsCompiling) {
            this(memory, probeIsCompiling, new Gate());
        }

        @Override
        public void report(Optional<String> group, Map<LaneId, Map<ModuleDigest, Integer>> loads) {}

        @Override
        public List<ModuleDigest> used(Optional<String> group, Duration within) throws IOException {
            gate.pass();
            return List.of(Deployment.module(1));
        }

        @Override
        public List<OfferedLane> lanes() throws IOException {
            gate.pass();
            return List.of(new OfferedLane(Deployment.LANE, "default", "jvm-bundle/1"));
        }

        @Override
        public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) {
            return probeIsCompiling && modules.contains(ModuleDigest.of(EMPTY))
                    ? List.of(new Finding(lanes.get(0).key(ModuleDigest.of(EMPTY)), new KeyState.Compiling()))
                    : memory.find(modules, lanes);
        }

        @Override
        public KeyState compile(ArtifactKey key, WasmBytes wasm, Duration wait) {
            assertThat(wait).isPositive();
            return memory.find(List.of(key.module()), List.of(key.lane()))
                    .get(0)
                    .state();
        }

        @Override
        public InputStream open(Attestation attestation) throws IOException {
            return memory.open(attestation);
        }

        @Override
        public Optional<byte[]> trust() {
            return memory.trust();
        }

        @Override
        public Optional<byte[]> current() {
            return memory.current();
        }
    }

    /** A loader that knows no lane without a probe. */
    private record Trying(BundleLoader to) implements ProbingLoader<BundleLoader.Loaded> {
        @Override
        public List<Lane> lanes() {
            return List.of();
        }

        @Override
        public List<Lane> worthTrying(List<OfferedLane> offered) {
            return offered.stream().map(OfferedLane::lane).toList();
        }

        @Override
        public BundleLoader.Loaded load(VerifiedArtifact artifact) throws IOException, RefusedException {
            return to.load(artifact);
        }

        @Override
        public BundleLoader.Loaded interpret(byte[] wasm) {
            return to.interpret(wasm);
        }
    }

    private void put(Deployment.Artifact artifact, Attestation attestation) {
        memory.put(attestation.key(), attestation.sign(deployment.signer), artifact.payload());
    }

    /** Says that the payload is that of the empty module. */
    private static Attestation probe(Deployment.Artifact artifact) {
        Attestation of = artifact.attestation();
        return new Attestation(
                ModuleDigest.of(EMPTY),
                EMPTY.length,
                of.lane(),
                of.format(),
                new SizedDigest(Digest.of(artifact.payload()), artifact.payload().length),
                Optional.empty(),
                of.index(),
                of.pack(),
                of.runtime(),
                of.builder(),
                of.startedOn(),
                of.finishedOn());
    }

    @Test
    void a_probe_that_is_being_compiled_is_waited_for() {
        deployment.trust(memory, now);
        Deployment.Artifact one = deployment.artifact(1, 100);
        put(one, one.attestation());
        put(one, probe(one));
        try (var precast = Precast.builder(new Trying(new BundleLoader()))
                .source(new Offering(memory, true))
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .clock(() -> now)
                .build()) {
            assertThat(precast.load(Deployment.wasm(1)).isCompiled()).isTrue();
        }
    }

    @Test
    void a_host_without_a_disk_cache_keeps_its_lanes_when_it_asks_again_after_a_miss() {
        deployment.trust(memory, now);
        Deployment.Artifact one = deployment.artifact(1, 100);
        put(one, one.attestation());
        put(one, probe(one));
        try (var precast = Precast.builder(new Trying(new BundleLoader()))
                .source(new Offering(memory, false))
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .clock(() -> now)
                .build()) {
            assertThatThrownBy(() -> precast.load(Deployment.wasm(2))).isInstanceOf(ArtifactMissingException.class);
            now = now.plus(Duration.ofMinutes(2));
            assertThatThrownBy(() -> precast.load(Deployment.wasm(2))).isInstanceOf(ArtifactMissingException.class);

            assertThat(precast.load(Deployment.wasm(1)).isCompiled()).isTrue();
        }
    }

    private Precast<BundleLoader.Loaded> precast(Gate gate) {
        deployment.trust(memory, now);
        Deployment.Artifact one = deployment.artifact(1, 100);
        put(one, one.attestation());
        put(one, probe(one));
        Deployment.Artifact three = deployment.artifact(3, 100);
        put(three, three.attestation());
        return Precast.builder(new Trying(new BundleLoader()))
                .source(new Offering(memory, false, gate))
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .clock(() -> now)
                .build();
    }

    private static void onThread(Runnable task) {
        new Thread(task).start();
    }

    @Test
    void while_one_miss_asks_for_lanes_others_load_by_those_that_are_known() throws Exception {
        Gate gate = new Gate();
        try (var precast = precast(gate)) {
            assertThat(precast.load(Deployment.wasm(1)).isCompiled()).isTrue();
            now = now.plus(Duration.ofMinutes(2));
            gate.shut = true;
            CompletableFuture<BundleLoader.Loaded> missing =
                    CompletableFuture.supplyAsync(() -> precast.load(Deployment.wasm(2)), LaneProbesTest::onThread);
            assertThat(gate.reached.await(1, TimeUnit.MINUTES)).isTrue();

            assertThat(CompletableFuture.supplyAsync(() -> precast.load(Deployment.wasm(3)), LaneProbesTest::onThread)
                            .get(30, TimeUnit.SECONDS)
                            .isCompiled())
                    .isTrue();

            assertThat(missing).isNotDone();
            gate.opened.countDown();
            assertThatThrownBy(missing::join).hasCauseInstanceOf(ArtifactMissingException.class);
        }
    }

    @Test
    void a_prefetch_ends_at_its_deadline_if_the_lanes_do_not_arrive() {
        Gate gate = new Gate();
        gate.shut = true;
        try (var precast = precast(gate)) {
            assertThat(precast.prefetch(List.of(Deployment.module(1)), Duration.ofMillis(100), p -> {}))
                    .containsExactly(new Prefetched.OutOfTime(Deployment.module(1)));
            gate.opened.countDown();

            assertThat(precast.prefetch(List.of(Deployment.module(1)), Duration.ofMinutes(1), p -> {}))
                    .singleElement()
                    .isInstanceOf(Prefetched.Ready.class);
        }
    }

    @Test
    void a_prefetch_ends_at_its_deadline_if_the_usage_does_not_arrive() {
        Gate gate = new Gate();
        gate.shut = true;
        try (var precast = precast(gate)) {
            assertThat(precast.prefetchUsed(Optional.empty(), Duration.ofDays(1), Duration.ofMillis(100), p -> {}))
                    .isEmpty();
            gate.opened.countDown();

            assertThat(precast.prefetchUsed(Optional.empty(), Duration.ofDays(1), Duration.ofMinutes(1), p -> {}))
                    .singleElement()
                    .isInstanceOf(Prefetched.Ready.class);
        }
    }
}
