package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.wasm.ChicoryException;
import dev.precast.bench.corpus.Corpus;
import dev.precast.bench.corpus.CorpusModule;
import dev.precast.bench.corpus.OddModules;
import dev.precast.host.Finding;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every module gives the same results, traps and output compiled here and through Precast. */
final class DifferentialIT {
    private static final Duration WAIT = Duration.ofMinutes(5);

    /** They need vectors, which the engine's compiler does not know. */
    private static final Set<String> NOT_COMPILABLE = Set.of("llhttp-simd", "sha256-simd", "simd");

    @ParameterizedTest
    @MethodSource("compilable")
    void a_module_does_the_same_compiled_here_and_through_Precast(String name) throws Exception {
        CorpusModule module = TestModules.named(name);
        // Asked for first, so that both compile side by side.
        ask(module, Duration.ZERO);

        List<String> here = TestModules.compiledHere(module);
        List<String> throughPrecast = throughPrecast(module);

        if (!throughPrecast.equals(here)) {
            assertThat(throughPrecast)
                    .as("the interpreter decides where the compiler says %s", here)
                    .isEqualTo(TestModules.interpreted(module));
        }
    }

    @ParameterizedTest
    @MethodSource("notCompilable")
    void a_module_that_the_engine_cannot_compile_is_rejected(String name) throws Exception {
        CorpusModule module = TestModules.named(name);

        Finding answer = ask(module, WAIT);

        assertThatThrownBy(() -> TestModules.compiledHere(module)).isInstanceOf(ChicoryException.class);
        assertThat(answer)
                .asInstanceOf(type(Finding.Rejected.class))
                .extracting(Finding.Rejected::code)
                .isEqualTo("unsupported");
    }

    private static Finding ask(CorpusModule module, Duration wait) throws Exception {
        return LocalService.shared().source().compile(RealArtifact.key(module.wasm()), module::wasm, wait);
    }

    private static List<String> throughPrecast(CorpusModule module) throws Exception {
        try (Precast<CompiledModule> precast =
                LocalService.shared().host(MissPolicy.waitFor(WAIT, MissPolicy.fail()))) {
            CompiledModule loaded = precast.load(module.wasm());
            return module.exercise().run(loaded.wasmModule(), loaded.machineFactory());
        }
    }

    static Stream<String> compilable() {
        return all().filter(name -> !NOT_COMPILABLE.contains(name));
    }

    static Stream<String> notCompilable() {
        return all().filter(NOT_COMPILABLE::contains);
    }

    private static Stream<String> all() {
        return Stream.concat(OddModules.names().stream(), Corpus.names().reversed().stream());
    }
}
