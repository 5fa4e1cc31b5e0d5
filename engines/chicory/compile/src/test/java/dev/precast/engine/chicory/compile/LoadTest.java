package dev.precast.engine.chicory.compile;

import static dev.precast.engine.chicory.compile.Mixes.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.testing.Scale;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class LoadTest {
    private final ChicoryLoader loader = new ChicoryLoader();

    @Test
    void a_load_defines_one_class_and_calls_define_the_others() throws Exception {
        Artifact artifact = Artifact.of(Modules.many(10_000));
        long before = classes().getTotalLoadedClassCount();
        CompiledModule module = artifact.load(loader);
        Instance instance = instance(module);

        assertThat(instance.export("f9999").apply()).containsExactly(9_999);

        // The main class, machine call, dispatch, the group, possibly the helper, and classes of reflection.
        assertThat(classes().getTotalLoadedClassCount() - before).isLessThan(60);
        assertThat(artifact.index().startingWith("class/").size()).isGreaterThan(200);
    }

    @Test
    void a_damaged_entry_is_repaired_at_first_use() throws Exception {
        for (BundleEntry entry :
                Artifact.of(Modules.tooLarge(new byte[] {})).index().entries().values()) {
            Artifact artifact = Artifact.of(Modules.tooLarge(new byte[] {}));
            artifact.damage(entry.offset() + entry.length() / 2);

            Instance instance = instance(artifact.load(loader));

            assertThat(instance.export("caller").apply(3)).as(entry.name()).containsExactly(expectedOfCaller());
        }
    }

    @Test
    void permanent_damage_is_refused_before_anything_runs() throws Exception {
        Artifact artifact = Artifact.of(Modules.arithmetic());
        Random random = Scale.random(LoadTest.class);
        for (int i = 0; i < Scale.of(400, 2_000); i++) {
            int offset = random.nextInt((int) artifact.size());
            Artifact.Damaged damaged = artifact.damagedForGood(offset);
            try {
                assertThat(instance(damaged.load(loader)).export("divide").apply(7, 2))
                        .containsExactly(3);
            } catch (RefusedException | LinkageError e) {
                assertThat(e).hasMessageMatching("(?s)(index|entry): .*|.*precast.*");
            }
        }
    }

    @Test
    void a_module_with_SIMD_is_refused_when_it_is_loaded_for_the_default_interpreter() {
        assertThatThrownBy(() -> loader.interpret(Modules.simd()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("module: uses SIMD, which this interpreter lacks; give SimdInterpreterMachine");
        assertThat(instance(loader.interpret(Modules.arithmetic()))
                        .export("divide")
                        .apply(7, 2))
                .containsExactly(3);
    }

    @Test
    void a_module_with_SIMD_runs_on_the_interpreter_that_the_host_gives() {
        ChicoryLoader withSimd = new ChicoryLoader(
                List.of(ChicoryFormat.DEFAULT_CONFIG), instance -> (function, arguments) -> new long[] {function + 42});

        assertThat(instance(withSimd.interpret(Modules.simd())).export("f").apply())
                .containsExactly(42);
    }

    @Test
    void an_artifact_of_another_config_is_refused() {
        Artifact artifact = Artifact.of(Modules.arithmetic());

        assertThatThrownBy(() -> artifact.load(new ChicoryLoader(List.of())))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("loadable: ");
    }

    @Test
    void sixteen_threads_use_several_modules_side_by_side() throws Exception {
        List<CompiledModule> modules = List.of(
                Artifact.of(Modules.arithmetic()).load(loader),
                Artifact.of(Modules.arithmetic()).load(loader),
                Artifact.of(Modules.many(2_000)).load(loader),
                Artifact.of(Modules.tooLarge(new byte[] {})).load(loader));
        CountDownLatch together = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            int thread = t;
            done.add(threads.submit(() -> {
                together.await();
                for (int i = 0; i < 50; i++) {
                    assertThat(instance(modules.get(i % 2)).export("divide").apply(thread * 10L, 10))
                            .containsExactly(thread);
                    int function = (thread * 131 + i * 37) % 2_000;
                    assertThat(instance(modules.get(2)).export("f" + function).apply())
                            .containsExactly(function);
                }
                assertThat(instance(modules.get(3)).export("caller").apply(3)).containsExactly(expectedOfCaller());
                return null;
            }));
        }
        together.countDown();
        for (Future<?> one : done) {
            one.get();
        }
        threads.shutdown();
    }

    @Test
    void classes_are_unloaded_with_their_modules() throws Exception {
        Artifact artifact = Artifact.of(Modules.many(1_000));
        long unloaded = classes().getUnloadedClassCount();
        for (int i = 0; i < 20; i++) {
            Instance instance = instance(artifact.load(loader));
            for (int f = 0; f < 1_000; f += 50) {
                assertThat(instance.export("f" + f).apply()).containsExactly(f);
            }
        }
        for (int i = 0; i < 100 && classes().getUnloadedClassCount() - unloaded < 19 * 20; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(classes().getUnloadedClassCount() - unloaded).isGreaterThanOrEqualTo(19 * 20);
    }

    private static long expectedOfCaller() {
        return ((3 + 20_000 * 12_345) >>> 1) + 1;
    }

    private static ClassLoadingMXBean classes() {
        return ManagementFactory.getClassLoadingMXBean();
    }
}
