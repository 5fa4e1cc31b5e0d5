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
                .isEqualTo("21881569c4ece4977df42e5438332ad62bf76d91bef6eda0652e02618e18ebd4");
        assertThat(Digest.of(Artifact.compile(all.get("exceptions"))).hex())
                .isEqualTo("3b22e02578e50b382054376e1bae31d8ac9833ae3575313118bee2b949b07e22");
    }
}
