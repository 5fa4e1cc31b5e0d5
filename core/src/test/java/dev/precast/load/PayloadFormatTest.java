package dev.precast.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.attestation.Check;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleFormat;
import dev.precast.bundle.BundleWriter;
import dev.precast.bundle.FirstBundleFormat;
import dev.precast.module.CwasmFormat;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadFormatTest {
    private static final Lane LANE = new Lane(
            EngineId.parse("chicory@1.7.5+1"),
            new EngineHash(Digest.of(new byte[] {1})),
            CompileConfig.parse("{}"),
            Target.JVM);

    @TempDir
    private Path folder;

    @Test
    void formats_are_found_by_name() {
        assertThat(PayloadFormat.named("jvm-bundle/1")).isInstanceOf(FirstBundleFormat.class);
        assertThat(PayloadFormat.named("jvm-bundle/2")).isInstanceOf(BundleFormat.class);
        assertThat(PayloadFormat.named("cwasm/1")).isInstanceOf(CwasmFormat.class);
        assertThat(PayloadFormat.named("jvm-bundle/1").isProbed()).isFalse();
        assertThat(PayloadFormat.named("cwasm/1").isProbed()).isTrue();
    }

    @Test
    void any_bytes_are_a_payload_of_an_unknown_format() throws Exception {
        Path payload = Files.write(folder.resolve("payload"), new byte[] {7});
        PayloadFormat unknown = PayloadFormat.named("toy/1");

        assertThat(unknown.name()).isEqualTo("toy/1");
        assertThat(unknown.check(payload, LANE)).isEmpty();
        assertThat(unknown.engineHash(payload)).isEmpty();
        assertThat(unknown.isProbed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"jvm-bundle/1", "jvm-bundle/2"})
    void a_bundle_is_checked_to_its_last_entry_and_its_index_is_named(String name) throws Exception {
        Path payload = folder.resolve("payload");
        try (OutputStream out = Files.newOutputStream(payload)) {
            new BundleWriter().add("a", new byte[] {1}).add("b", new byte[] {2}).writeTo(out);
        }
        byte[] bytes = Files.readAllBytes(payload);
        PayloadFormat bundle = PayloadFormat.named(name);

        assertThat(bundle.check(payload, LANE).orElseThrow().size()).isEqualTo(bytes.length - 2);

        bytes[bytes.length - 1]++;
        Files.write(payload, bytes);
        assertThatThrownBy(() -> bundle.check(payload, LANE))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.check()).isEqualTo(Check.INDEX))
                .hasMessageContaining("bundle entry b");
    }
}
