package dev.precast.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.MemoryContentStore;
import dev.precast.cache.store.MeteredContentStore;
import dev.precast.module.WasmKind;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ModulesTest {
    private static final ModuleDigest MODULE = ModuleDigest.of(Fixture.WASM);

    private final MemoryContentStore store = new MemoryContentStore();
    private final CountedReads reads = new CountedReads();
    private Duration time = Duration.ZERO;
    private final Modules modules =
            new Modules(new MeteredContentStore(store, reads, System::nanoTime), 1 << 20, () -> time.toNanos());

    private void stored() throws Exception {
        store.put(new ByteArrayInputStream(Fixture.WASM), null, 100);
    }

    @Test
    void a_kind_is_read_once_a_minute() throws Exception {
        stored();

        assertThat(modules.kind(MODULE)).contains(WasmKind.MODULE);
        assertThat(modules.kind(MODULE)).contains(WasmKind.MODULE);
        assertThat(modules.holds(MODULE)).isTrue();
        assertThat(reads.take()).isEqualTo(1);

        time = Duration.ofMinutes(1);
        assertThat(modules.kind(MODULE)).contains(WasmKind.MODULE);
        assertThat(reads.take()).isEqualTo(1);
    }

    @Test
    void the_kind_of_an_uploaded_module_is_known() throws Exception {
        modules.put(new ByteArrayInputStream(Fixture.WASM), MODULE);

        assertThat(modules.kind(MODULE)).contains(WasmKind.MODULE);
        assertThat(reads.take()).isZero();
    }

    @Test
    void a_module_that_another_replica_stores_is_seen_at_once() throws Exception {
        assertThat(modules.holds(MODULE)).isFalse();
        assertThat(modules.kind(MODULE)).isEmpty();

        stored();

        assertThat(modules.holds(MODULE)).isTrue();
        assertThat(modules.kind(MODULE)).contains(WasmKind.MODULE);
    }

    @Test
    void a_deleted_module_is_missing_after_a_minute_or_when_it_is_forgotten() throws Exception {
        stored();
        assertThat(modules.holds(MODULE)).isTrue();
        store.delete(MODULE.digest());
        assertThat(modules.holds(MODULE)).isTrue();

        time = Duration.ofMinutes(1);
        assertThat(modules.holds(MODULE)).isFalse();

        stored();
        assertThat(modules.kind(MODULE)).isPresent();
        store.delete(MODULE.digest());
        modules.forget(MODULE);
        assertThat(modules.kind(MODULE)).isEmpty();
    }
}
