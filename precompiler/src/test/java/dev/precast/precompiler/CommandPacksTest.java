package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Target;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.outcome.CompileOutcome.Cause;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.json.JsonException;
import dev.precast.module.CwasmFile;
import dev.precast.module.EmptyModule;
import dev.precast.module.StaticCaps;
import dev.precast.pack.PackFolder;
import dev.precast.pack.PackList;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any command that reads a file and writes one is an engine. */
class CommandPacksTest {
    private static final String ENGINE_SECTION = ".wasmtime.engine";

    @TempDir
    Path folder;

    @Test
    void a_plain_command_gets_target_and_arguments_and_needs_no_probe() throws Exception {
        write("text/1", "(echo \"$3\"; shift 3; for word; do echo \"$word\"; done) > $2");
        try (Worker worker = worker()) {
            assertThat(worker.precompiler.offers())
                    .extracting(offer -> offer.profile() + " " + offer.lane().target())
                    .containsExactlyInAnyOrder("fast jvm", "fast pulley64", "small pulley64");

            LaneOffer small = offer(worker, "small", "pulley64");
            Attestation artifact = compile(worker, small);

            assertThat(text(worker, artifact)).isEqualTo("pulley64\n-O\nsize and more\n");
        }
    }

    @Test
    void the_same_command_is_the_same_engine_and_a_changed_one_another() throws Exception {
        String script = "cat $1 > $2";
        write("text/1", script);
        String first = engineHash();
        assertThat(engineHash()).isEqualTo(first);

        Files.writeString(folder.resolve("packs/command/VERSION"), "2");
        PackList.write(folder.resolve("packs"));
        assertThat(engineHash()).isNotEqualTo(first);
    }

    @Test
    void a_target_that_the_command_does_not_support_is_not_offered() throws Exception {
        write("text/1", "[ $3 = jvm ] && exit 1; cat $1 > $2");
        try (Worker worker = worker()) {
            assertThat(worker.precompiler.offers())
                    .extracting(offer -> offer.profile() + " " + offer.lane().target())
                    .containsExactlyInAnyOrder("fast pulley64", "small pulley64");
        }
    }

    @Test
    void the_engine_of_a_cwasm_is_what_its_section_says() throws Exception {
        writeCwasm("cat ${0%/*}/cwasm > $2");
        try (Worker worker = worker()) {
            LaneOffer offer = worker.precompiler.offers().getFirst();
            assertThat(offer.lane().engineHash())
                    .isEqualTo(CwasmFile.read(folder.resolve("packs/command/cwasm"))
                            .engineHash());
            Attestation artifact = compile(worker, offer);
            assertThat(artifact.format()).isEqualTo(CwasmFile.FORMAT);
            assertThat(artifact.index()).isEmpty();
        }
    }

    @Test
    void the_probe_artifact_of_a_cwasm_lane_is_published_without_a_request() throws Exception {
        writeCwasm("sleep 1; cat ${0%/*}/cwasm > $2");
        SigningKey key = SigningKey.generate();
        try (Worker worker = worker(key)) {
            ArtifactKey probe =
                    worker.precompiler.offers().getFirst().lane().id().key(EmptyModule.DIGEST);

            await().atMost(Duration.ofSeconds(30)).until(() -> {
                assertThat(worker.stores.outcomes().find(probe))
                        .as("the outcome that hosts see until the probe is published")
                        .isEmpty();
                return worker.stores.artifacts().find(probe).isPresent();
            });

            assertThat(worker.attestation(probe).moduleBytes()).isEqualTo(8);
            assertThat(worker.stores.modules().find(probe.module().digest())).isEmpty();
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("probe"));
        }
        try (Worker worker = worker(key)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> worker.heard.contains("present"));
        }
    }

    @Test
    void output_of_another_engine_or_architecture_or_of_none_is_a_crash() throws Exception {
        writeCwasm("""
                case $(wc -c < $1) in
                  8) cat ${0%/*}/cwasm > $2 ;;
                  9) cat ${0%/*}/other-engine > $2 ;;
                  10) cat ${0%/*}/other-machine > $2 ;;
                  *) cat $1 > $2 ;;
                esac
                """);
        try (Worker worker = worker()) {
            LaneOffer offer = worker.precompiler.offers().getFirst();
            assertThat(failure(worker, offer, 9)).contains("expected engine hash sha256:", ", found sha256:");
            assertThat(failure(worker, offer, 10))
                    .isEqualTo(
                            "output: hosts would refuse it: loadable: cwasm: expected code for x86_64, found aarch64");
            assertThat(failure(worker, offer, 11)).startsWith("output: hosts would refuse it: loadable: cwasm: ");
        }
    }

    @Test
    void an_abort_is_reported_with_the_message_of_the_panic() throws Exception {
        write("text/1", """
                [ $(wc -c < $1) = 8 ] && cat $1 > $2 && exit
                echo "thread '<unnamed>' (7) panicked at crates/c-api/src/engine.rs:37:38:" >&2
                echo "Support for this target was disabled" >&2
                echo "note: run with RUST_BACKTRACE=1" >&2
                kill -ABRT $$
                """);
        try (Worker worker = worker()) {
            assertThat(failure(worker, worker.precompiler.offers().getFirst(), 9))
                    .isEqualTo("ended by SIGABRT: Support for this target was disabled");
        }
    }

    @Test
    void the_probe_lists_the_targets_of_each_profile() throws Exception {
        Path description = write("text/1", "true").resolve(PackFolder.DESCRIPTION);
        String text = Files.readString(description);
        Files.writeString(description, text.replace("\"small\": [\"pulley64\"]", "\"tiny\": [\"pulley64\"]"));
        assertThatThrownBy(() -> EnginePack.read(folder.resolve("packs/command")))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("tiny");
        Files.writeString(description, text.replace("\"small\": [\"pulley64\"]", "\"small\": []"));
        assertThatThrownBy(() -> EnginePack.read(folder.resolve("packs/command")))
                .hasMessage("targets: expected at least one for profile small");
        Files.writeString(description, text);
        assertThat(EnginePack.read(folder.resolve("packs/command")).targets("fast"))
                .containsExactly(new Target("jvm"), new Target("pulley64"));
    }

    private Worker worker() {
        return worker(SigningKey.generate());
    }

    private Worker worker(SigningKey key) {
        return new Worker(
                Worker.config(folder, 2, Worker.LIMITS, StaticCaps.DEFAULT, Duration.ofSeconds(5)),
                folder.resolve("store"),
                key);
    }

    private String engineHash() throws InterruptedException {
        try (Worker worker = worker()) {
            return offer(worker, "small", "pulley64").lane().engineHash().toString();
        }
    }

    private static LaneOffer offer(Worker worker, String profile, String target) {
        return worker.precompiler.offers().stream()
                .filter(offer -> offer.profile().equals(profile)
                        && offer.lane().target().name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private static Attestation compile(Worker worker, LaneOffer offer) {
        ArtifactKey key = key(worker, offer, Worker.module("a module"));
        worker.compile(key);
        return worker.attestation(key);
    }

    private static ArtifactKey key(Worker worker, LaneOffer offer, byte[] module) {
        return offer.lane().id().key(worker.upload("command", module).module());
    }

    /** Fails to compile a module of this size; returns the message of the failure. */
    private static String failure(Worker worker, LaneOffer offer, int bytes) {
        byte[] module = new byte[bytes];
        System.arraycopy(EmptyModule.wasm(), 0, module, 0, EmptyModule.wasm().length);
        ArtifactKey key = key(worker, offer, module);
        worker.compile(key);
        assertThat(worker.failure(key).cause()).isEqualTo(Cause.CRASH);
        return worker.failure(key).state().message();
    }

    private static String text(Worker worker, Attestation artifact) throws IOException {
        SizedDigest payload = artifact.payload();
        try (InputStream in =
                worker.stores.payloads().find(payload.digest()).orElseThrow().open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Path write(String format, String script) throws IOException {
        return write(format, script, """
                {"fast": {"arguments": []}, "small": {"arguments": ["-O", "size and more"]}}""", """
                {"fast": ["jvm", "pulley64"], "small": ["pulley64"]}""");
    }

    private void writeCwasm(String script) throws IOException {
        Path pack = write(CwasmFile.FORMAT, script, "{\"default\": {\"arguments\": []}}", """
                ["x86_64-unknown-linux-gnu"]""");
        byte[] cwasm;
        try (InputStream in = new GZIPInputStream(
                Objects.requireNonNull(CwasmFile.class.getResourceAsStream("empty-wasmtime-48.0.0.cwasm.gz")))) {
            cwasm = in.readAllBytes();
        }
        Files.write(pack.resolve("cwasm"), cwasm);
        byte[] otherMachine = cwasm.clone();
        otherMachine[18] = (byte) 183;
        Files.write(pack.resolve("other-machine"), otherMachine);
        byte[] otherEngine = cwasm.clone();
        String latin = new String(cwasm, StandardCharsets.ISO_8859_1);
        otherEngine[latin.indexOf("opt_level") + "opt_level".length() + 3] ^= 1;
        assertThat(latin).contains(ENGINE_SECTION);
        Files.write(pack.resolve("other-engine"), otherEngine);
        PackList.write(folder.resolve("packs"));
    }

    private Path write(String format, String script, String profiles, String targets) throws IOException {
        Path pack = Files.createDirectories(folder.resolve("packs/command"));
        Files.writeString(pack.resolve("compile.sh"), script);
        Files.writeString(pack.resolve("VERSION"), "1");
        Files.writeString(pack.resolve(PackFolder.DESCRIPTION), """
                {"engine": {"name": "command", "version": "1.0.0", "revision": 1},
                 "format": "%s",
                 "profiles": %s,
                 "targets": %s,
                 "command": ["/bin/sh", "{pack}/compile.sh", "{in}", "{out}", "{target}", "{arguments}"],
                 "version": ["/bin/cat", "{pack}/VERSION"]}
                """.formatted(format, profiles, targets));
        PackList.write(folder.resolve("packs"));
        return pack;
    }
}
