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
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LaneProbesTest {
    private static final byte[] EMPTY = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private final Deployment deployment = new Deployment();
    private final MemorySource memory = new MemorySource();
    private Instant now = Instant.parse("2026-06-01T00:00:00Z");

    /** Offers the one lane. */
    private record Offering(MemorySource memory, boolean probeIsCompiling)
            implements ArtifactSource, LaneSource, CompileService {
        @Override
        public List<OfferedLane> lanes() {
            return List.of(new OfferedLane(Deployment.LANE, "default", "jvm-bundle/1"));
        }

        @Override
        public List<Finding> find(List<ModuleDigest> modules, List<LaneId> lanes) {
            return probeIsCompiling && modules.contains(ModuleDigest.of(EMPTY))
                    ? List.of(new Finding.Compiling(lanes.get(0).key(ModuleDigest.of(EMPTY))))
                    : memory.find(modules, lanes);
        }

        @Override
        public Finding compile(ArtifactKey key, WasmBytes wasm, Duration wait) {
            assertThat(wait).isPositive();
            return memory.find(List.of(key.module()), List.of(key.lane())).get(0);
        }

        @Override
        public InputStream open(Attestation attestation) throws IOException {
            return memory.open(attestation);
        }

        @Override
        public Optional<byte[]> trust() {
            return memory.trust();
        }
    }

    /** Knows no lane by itself. */
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
        memory.trust(deployment.policy(1));
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
        memory.trust(deployment.policy(1));
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
}
