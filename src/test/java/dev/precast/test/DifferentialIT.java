package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.dylibso.chicory.wasm.ChicoryException;
import dev.precast.protocol.KeyState;
import dev.precast.testing.Scale;
import dev.precast.testkit.corpus.Corpus;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.JvmEngine;
import dev.precast.testkit.corpus.OddModules;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every module gives the same results, traps and output when this process compiles it and when a host loads it through
 * Precast.
 */
@Tag("engines")
final class DifferentialIT {
    private static final Duration WAIT = Duration.ofMinutes(5);
    /** Number of modules that take minutes to compile. Only the full tier runs them. */
    private static final int LARGE = 3;

    /** They need SIMD, which the engines' compilers do not support. */
    private static final Set<String> NOT_COMPILABLE = Set.of("llhttp-simd", "sha256-simd", "simd");
    /** Endive continues Chicory's code, so the unusual modules and a few real ones are enough. */
    private static final List<String> ALSO_ON_ENDIVE =
            List.of("sqlite", "quickjs", "lua", "zstd", "source-map", "rabin");

    @ParameterizedTest
    @MethodSource("onChicory")
    void a_module_does_the_same_compiled_here_and_through_Precast(String name) throws Exception {
        compare(JvmEngines.CHICORY, TestModules.named(name));
    }

    @ParameterizedTest
    @MethodSource("onEndive")
    void a_module_does_the_same_on_Endive(String name) throws Exception {
        compare(JvmEngines.ENDIVE, TestModules.named(name));
    }

    @ParameterizedTest
    @MethodSource("notCompilable")
    void a_module_that_the_engine_cannot_compile_is_rejected(String name) throws Exception {
        CorpusModule module = TestModules.named(name);

        KeyState answer = ask(JvmEngines.CHICORY, module, WAIT);

        assertThatThrownBy(() -> JvmEngines.CHICORY.compiledHere(module)).isInstanceOf(ChicoryException.class);
        assertThat(answer)
                .asInstanceOf(type(KeyState.Rejected.class))
                .extracting(KeyState.Rejected::code)
                .isEqualTo("unsupported");
    }

    private static void compare(JvmEngine engine, CorpusModule module) throws Exception {
        // Requested first, so that both compile at the same time.
        ask(engine, module, Duration.ZERO);

        List<String> here = engine.compiledHere(module);
        List<String> throughPrecast = engine.throughPrecast(
                module, LocalService.shared().address(), LocalService.shared().data(), WAIT);

        if (!throughPrecast.equals(here)) {
            assertThat(throughPrecast)
                    .as("result of the interpreter, because compilation in this process gave a different one: %s", here)
                    .isEqualTo(engine.interpreted(module));
        }
    }

    private static KeyState ask(JvmEngine engine, CorpusModule module, Duration wait) throws Exception {
        return LocalService.shared().source().compile(engine.key(module.wasm()), module::wasm, wait);
    }

    static Stream<String> onChicory() {
        List<String> real = Corpus.names().reversed().stream()
                .filter(DifferentialIT::isCompilable)
                .toList();
        int others = real.size() - LARGE;
        return Stream.of(odd(), sample(real.subList(0, others), 3), real.subList(others, others + Scale.of(0, LARGE)))
                .flatMap(List::stream);
    }

    static Stream<String> onEndive() {
        return Stream.of(sample(odd(), 3), sample(ALSO_ON_ENDIVE, 1)).flatMap(List::stream);
    }

    private static List<String> odd() {
        return OddModules.names().stream().filter(DifferentialIT::isCompilable).toList();
    }

    private static List<String> sample(List<String> names, int fast) {
        return Scale.sample(DifferentialIT.class, names, fast);
    }

    static Stream<String> notCompilable() {
        return all().filter(name -> !isCompilable(name));
    }

    private static boolean isCompilable(String name) {
        return !NOT_COMPILABLE.contains(name);
    }

    private static Stream<String> all() {
        return Stream.concat(OddModules.names().stream(), Corpus.names().reversed().stream());
    }
}
