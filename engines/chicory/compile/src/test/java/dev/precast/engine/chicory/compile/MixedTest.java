package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.Instance;
import dev.precast.engine.chicory.load.ChicoryFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class MixedTest {
    @Test
    void casts_answer_the_same_in_late_bodies() throws Exception {
        assertThat(Mixes.names(MixedModules.casts(), Set.of(1, 2, 3))).contains("body/1", ChicoryFormat.SKELETON);
        Mixes.assertSameInAll(MixedModules.casts(), List.of(1L, 1L, 2L));
    }

    @Test
    void casts_answer_the_same_in_modules_stored_whole() throws Exception {
        assertThat(Mixes.names(MixedModules.castsAndCall(), Set.of(3))).contains(ChicoryFormat.WHOLE_MODULE);
        Mixes.assertSameInAll(MixedModules.castsAndCall(), List.of(1L, 1L, 1L, 2L));
    }

    @Test
    void an_exception_reaches_its_handler_through_any_mix_of_functions() throws Exception {
        Mixes.assertSameInAll(MixedModules.exception(), List.of(7L));
        Mixes.assertSameInAll(MixedModules.exceptionThroughFive(), List.of(70L));
    }

    @Test
    void an_exception_reaches_its_handler_in_modules_stored_whole() throws Exception {
        assertThat(Mixes.names(MixedModules.exceptionThroughReference(), Set.of(0, 2)))
                .contains(ChicoryFormat.WHOLE_MODULE, "body/0", "body/2");
        Mixes.assertSameInAll(MixedModules.exceptionThroughReference(), List.of(7L));
    }

    @Test
    void threads_in_one_instance_do_not_share_the_stacks_of_interpreted_functions() throws Exception {
        Instance instance = Mixes.instance(Artifact.interpreting(Modules.arithmetic(), Set.of(0, 2)));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int n = 100 + t;
            done.add(threads.submit(() -> {
                for (int i = 0; i < 200; i++) {
                    assertThat(instance.export("sum").apply(n)).containsExactly(n * (n + 1L) / 2);
                }
                return null;
            }));
        }
        for (Future<?> one : done) {
            one.get();
        }
        threads.shutdown();
    }
}
