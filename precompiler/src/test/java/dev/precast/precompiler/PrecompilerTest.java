package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.cache.event.CompileEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecompilerTest {
    @TempDir
    Path folder;

    @Test
    void a_request_becomes_a_signed_artifact() throws Exception {
        EnginePack pack = ShellPack.write(folder.resolve("packs"), "copier", "cat $1 $3 > $2");
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            byte[] module = Worker.module("hello");
            ArtifactKey key = worker.upload("copier", module);
            worker.compile(key);

            Attestation attestation = worker.attestation(key);
            byte[] payload = worker.stores
                    .payloads()
                    .find(attestation.payload().digest())
                    .orElseThrow()
                    .open()
                    .readAllBytes();
            assertThat(payload).startsWith(module).endsWith("{\"level\":1}".getBytes(StandardCharsets.UTF_8));
            assertThat(attestation.payload().digest()).isEqualTo(Digest.of(payload));
            assertThat(attestation.pack()).isEqualTo(pack.digest());
            assertThat(attestation.builder()).isEqualTo(Worker.BUILDER);
            assertThat(attestation.moduleBytes()).isEqualTo(module.length);
            assertThat(attestation.runtime()).isEqualTo("jdk " + Runtime.version());
            assertThat(worker.stores
                            .payloads()
                            .find(attestation.compressed().orElseThrow().digest()))
                    .isPresent();
            assertThat(worker.stores.outcomes().find(key)).isEmpty();
            assertThat(worker.events).containsExactly(new CompileEvent(key, CompileEvent.Kind.COMPILED));
            assertThat(worker.heard).containsExactly("started copier@1.0.0+1", "compiled");
        }
    }

    @Test
    void a_running_request_is_extended_at_the_interval_of_the_queue() throws Exception {
        ShellPack.write(folder.resolve("packs"), "slow", "sleep 2; cat $1 > $2");
        try (Worker worker = Worker.over(folder, Worker.LIMITS)) {
            worker.compile(worker.upload("slow", Worker.module("kept")));
            assertThat(worker.kept).hasPositiveValue();
        }
    }
}
