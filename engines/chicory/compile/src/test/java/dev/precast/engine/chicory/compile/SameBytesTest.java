package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SameBytesTest {
    @Test
    void bundles_have_the_same_bytes_on_every_jdk_that_runs_this() {
        Map<String, byte[]> all = Modules.all();

        assertThat(Digest.of(Artifact.compile(all.get("several results"))).hex())
                .isEqualTo("d91fada2e1c4591e8decbda59652c23be9c4434073984eab951d0859768770a1");
        assertThat(Digest.of(Artifact.compile(all.get("exceptions"))).hex())
                .isEqualTo("860cf9a188f15c103cdbe1436b877dc64717f16722ac25527f422e3619026f6d");
    }
}
