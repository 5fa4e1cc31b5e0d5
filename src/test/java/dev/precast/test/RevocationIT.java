package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustedKey;
import dev.precast.attestation.VerifyingKey;
import dev.precast.host.service.ServiceException;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.ProblemCode;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.Exercise;
import dev.precast.testkit.corpus.OddModules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Artifacts that a new policy refuses count as absent. A worker that the policy allows compiles them again, and the
 * service serves the new ones.
 */
@Tag("engines")
@Execution(ExecutionMode.CONCURRENT)
final class RevocationIT {
    private static final Duration WAIT = Duration.ofMinutes(3);
    /** A function that keeps 42 below a {@code try_table}, beside a throw of four values: 42. */
    private static final String KEPT_VALUE =
            "0061736d0100000001160460047f7f7f7f006000006000017f6000047f7f7f7f030201020d05020000" + "00010705010166"
                    + "00000a2e012c00412a02401f400100010002031f4001000000410141024103410408000b000b1a1a1a1a08010b0b41001a0b";

    private static final String BUNDLED = "-Dprecast.packs.allowed=bundled";

    private final CorpusModule module = OddModules.module("exceptions");
    private final ArtifactKey key = JvmEngines.CHICORY.key(module.wasm());

    @TempDir
    Path folder;

    private Path packs;

    @BeforeEach
    void copyThePacks() throws IOException {
        packs = folder.resolve("packs");
        copy(LocalService.bundledPacks(), packs);
    }

    @Test
    void an_artifact_of_a_revoked_key_is_compiled_again_and_signed_by_the_new_key() throws Exception {
        VerifyingKey revoked;
        try (LocalService service = start(BUNDLED)) {
            RealArtifact.of(module.wasm(), service);
            revoked = service.signingKey().verifyingKey();
        }
        Files.delete(folder.resolve("data/keys/signing.key"));

        try (LocalService service = start(BUNDLED)) {
            assertThat(service.find(key))
                    .as("a new signing key alone revokes no artifact")
                    .isInstanceOf(KeyState.Present.class);
            List<TrustedKey> kept = service.policy().keys().stream()
                    .filter(trusted -> !trusted.key().equals(revoked))
                    .toList();
            publish(service, kept, List.of(), Set.of());

            assertThat(service.find(key)).isInstanceOf(KeyState.Absent.class);
            RealArtifact again = RealArtifact.of(module.wasm(), service);

            assertThat(new String(again.envelope(), UTF_8))
                    .contains(service.signingKey().verifyingKey().id().toString())
                    .doesNotContain(revoked.id().toString());
            assertThat(served(module, service)).isEqualTo(JvmEngines.CHICORY.compiledHere(module));
        }
    }

    /** The steps of docs/how-to/react-to-a-miscompilation.md. */
    @Test
    void an_artifact_of_a_denied_pack_that_compiles_wrong_is_compiled_again_by_one_with_an_advisory() throws Exception {
        CorpusModule kept = new CorpusModule("kept", HexFormat.of().parseHex(KEPT_VALUE), Exercise.parse("call f"));
        ArtifactKey keptKey = JvmEngines.CHICORY.key(kept.wasm());
        List<String> right = JvmEngines.CHICORY.interpreted(kept);
        Path advisories = pack().resolve("advisories.json");
        String complete = Files.readString(advisories);
        Files.writeString(advisories, "{\"advisories\": []}");
        Digest denied = digest(pack());
        try (LocalService service = start("-Dprecast.packs.allowed=" + denied)) {
            assertThat(RealArtifact.of(kept.wasm(), service).attestation().pack())
                    .isEqualTo(denied);
            assertThat(served(kept, service))
                    .isEqualTo(JvmEngines.CHICORY.compiledHere(kept))
                    .isNotEqualTo(right);
            publish(service, service.policy().keys(), List.of(), Set.of(denied));

            assertThat(service.find(keptKey)).isInstanceOf(KeyState.Absent.class);
            service.source().compile(keptKey, kept::wasm, Duration.ofSeconds(3));
            assertThat(service.find(keptKey))
                    .as("a denied pack compiles nothing, so the request stays queued")
                    .isInstanceOf(KeyState.Compiling.class);
        }
        Files.writeString(advisories, complete);

        try (LocalService service = start("-Dprecast.packs.allowed=" + digest(pack()))) {
            RealArtifact again = RealArtifact.of(kept.wasm(), service);

            assertThat(again.attestation().pack()).isEqualTo(digest(pack())).isNotEqualTo(denied);
            assertThat(served(kept, service)).isEqualTo(right);
        }
    }

    @Test
    void an_artifact_below_an_engines_floor_is_compiled_again_by_a_newer_pack() throws Exception {
        EngineId engine = key.lane().engine();
        EngineId floor = new EngineId(engine.name(), engine.version(), engine.revision() + 1);
        LaneId above = new LaneId(
                floor, key.lane().engineHash(), key.lane().config(), key.lane().target());
        try (LocalService service = start(BUNDLED)) {
            RealArtifact.of(module.wasm(), service);
            publish(service, service.policy().keys(), List.of(floor), Set.of());

            assertThat(service.find(key)).isInstanceOf(KeyState.Absent.class);
            assertThatThrownBy(() -> service.source().compile(key, module::wasm, WAIT))
                    .as("no worker compiles what the policy refuses")
                    .isInstanceOfSatisfying(
                            ServiceException.Problem.class,
                            problem -> assertThat(problem.code()).contains(ProblemCode.ENGINE_NOT_SERVED));
        }
        Path description = pack().resolve("engine.json");
        Files.writeString(
                description,
                Files.readString(description)
                        .replace("\"revision\": " + engine.revision(), "\"revision\": " + floor.revision()));

        try (LocalService service = start("-Dprecast.packs.allowed=" + digest(pack()))) {
            ArtifactKey newer = above.key(key.module());
            KeyState made = service.source().compile(newer, module::wasm, WAIT);

            assertThat(made).isInstanceOf(KeyState.Present.class);
            Attestation attestation = service.verifier().verify(((KeyState.Present) made).envelope(), newer, false);
            assertThat(attestation.lane().engine()).isEqualTo(floor);
            assertThat(service.find(newer)).isInstanceOf(KeyState.Present.class);
        }
    }

    private LocalService start(String... options) throws Exception {
        return LocalService.start(folder.resolve("data"), packs, options);
    }

    private static List<String> served(CorpusModule module, LocalService service) {
        return JvmEngines.CHICORY.throughPrecast(module, service.address(), service.data(), Duration.ZERO);
    }

    /** Signs a policy that says this beside what the one in force says, and puts it in force. */
    private static void publish(LocalService service, List<TrustedKey> keys, List<EngineId> floors, Set<Digest> denied)
            throws Exception {
        TrustPolicy now = service.policy();
        Instant issued = Instant.now();
        TrustPolicy next = new TrustPolicy(
                now.version() + 1,
                issued,
                issued.plus(Duration.ofDays(365)),
                now.grace(),
                keys,
                floors,
                denied,
                now.extraMembers());
        assertThat(service.rest()
                        .send("PUT", "/v1/trust", next.sign(service.rootKey()).toJson())
                        .statusCode())
                .isEqualTo(200);
    }

    private Path pack() throws IOException {
        try (Stream<Path> found = Files.list(packs)) {
            String engine = key.lane().engine().name() + "-";
            return found.filter(pack -> pack.getFileName().toString().startsWith(engine))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** As the page of the precompiler says: the digest of a list of the files. */
    private static Digest digest(Path pack) throws IOException {
        StringBuilder list = new StringBuilder("precast/pack/v1\n");
        try (Stream<Path> all = Files.walk(pack)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .sorted(Comparator.comparing(f -> pack.relativize(f).toString()))
                    .toList()) {
                byte[] bytes = Files.readAllBytes(file);
                list.append(Digest.of(bytes).hex() + " " + bytes.length + " " + pack.relativize(file) + "\n");
            }
        }
        return Digest.of(list.toString().getBytes(UTF_8));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
