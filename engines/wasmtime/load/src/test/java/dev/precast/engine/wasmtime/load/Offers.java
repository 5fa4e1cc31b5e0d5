package dev.precast.engine.wasmtime.load;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.engine.wasmtime.capi.CompiledCode;
import dev.precast.engine.wasmtime.capi.Engine;
import dev.precast.engine.wasmtime.capi.Profile;
import dev.precast.engine.wasmtime.capi.WasmtimeLibrary;
import dev.precast.host.ArtifactSource;
import dev.precast.host.Finding;
import dev.precast.host.LaneSource;
import dev.precast.host.MemorySource;
import dev.precast.load.OfferedLane;
import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A source with lanes whose artifacts were made by the libraries of the build, signed by this source's own key. */
final class Offers implements ArtifactSource, LaneSource {
    static final byte[] EMPTY = {0, 'a', 's', 'm', 1, 0, 0, 0};

    private static final Instant NOW = Instant.now().minusSeconds(60);

    private final SigningKey rootKey = SigningKey.generate();
    private final SigningKey signer = SigningKey.generate();
    private final MemorySource memory = new MemorySource();
    private final List<OfferedLane> lanes = new ArrayList<>();
    private final Path folder;
    private int opened;

    Offers(Path folder) {
        this.folder = folder;
        TrustedKey key = new TrustedKey(
                signer.verifyingKey(), "urn:test", Set.of(), Set.of(), NOW, NOW.plus(Duration.ofDays(1)));
        Envelope policy = new TrustPolicy(
                        1,
                        NOW,
                        NOW.plus(Duration.ofDays(1)),
                        Duration.ZERO,
                        List.of(key),
                        List.of(),
                        Set.of(),
                        Set.of())
                .sign(rootKey);
        memory.trust(policy);
        memory.current(proof(policy));
    }

    private FreshnessProof proof(Envelope policy) {
        SigningKey online = SigningKey.generate();
        try {
            CurrentPolicy current = CurrentPolicy.about(policy.toJson(), root(), NOW, Duration.ofDays(1));
            Appointment appointment = new Appointment(1, online.verifyingKey(), NOW, NOW.plus(Duration.ofDays(1)));
            return new FreshnessProof(appointment.sign(rootKey), current.sign(online));
        } catch (RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Path library(String version) {
        return Path.of("../../target/wasmtime", version, System.mapLibraryName("wasmtime"));
    }

    TrustRoot root() {
        return new TrustRoot(rootKey.verifyingKey());
    }

    int opened() {
        return opened;
    }

    /** Offers a lane that names {@code version}; the library of version {@code made} compiles its artifacts. */
    Lane offer(String version, Profile profile, String made, byte[]... modules) throws Exception {
        WasmtimeLibrary library = WasmtimeLibrary.load(library(version));
        WasmtimeLibrary compiler = WasmtimeLibrary.load(library(made));
        CwasmFile probe = CwasmFile.read(compile(compiler, profile, EMPTY));
        Lane lane = new Lane(
                EngineId.parse("wasmtime@" + version + "+1"),
                probe.engineHash(),
                profile.config(library).toCompileConfig(),
                profile.target());
        lanes.add(new OfferedLane(lane, profile.key(), CwasmFile.FORMAT));
        put(lane, EMPTY, compiler, profile);
        for (byte[] module : modules) {
            put(lane, module, compiler, profile);
        }
        return lane;
    }

    private void put(Lane lane, byte[] module, WasmtimeLibrary compiler, Profile profile) throws Exception {
        byte[] cwasm = Files.readAllBytes(compile(compiler, profile, module));
        Attestation attested = new Attestation(
                ModuleDigest.of(module),
                module.length,
                lane,
                CwasmFile.FORMAT,
                new SizedDigest(Digest.of(cwasm), cwasm.length),
                Optional.empty(),
                Optional.empty(),
                Digest.of(new byte[] {4}),
                "jdk 25",
                "urn:test",
                NOW,
                NOW);
        memory.put(attested.key(), attested.sign(signer), cwasm);
    }

    private Path compile(WasmtimeLibrary compiler, Profile profile, byte[] module) throws Exception {
        Path out = Files.createTempDirectory(folder, "made").resolve("out.cwasm");
        try (Arena arena = Arena.ofConfined();
                Engine engine = Engine.create(compiler, profile.config(compiler), profile.target());
                CompiledCode code = engine.compile(
                        arena.allocate(module.length).copyFrom(MemorySegment.ofArray(module)), WasmKind.MODULE)) {
            code.serialize(out);
        }
        return out;
    }

    @Override
    public List<OfferedLane> lanes() {
        return List.copyOf(lanes);
    }

    @Override
    public List<Finding> find(List<ModuleDigest> modules, List<LaneId> asked) {
        return memory.find(modules, asked);
    }

    @Override
    public InputStream open(Attestation attestation) throws IOException {
        opened++;
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
