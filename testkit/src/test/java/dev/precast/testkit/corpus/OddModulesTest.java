package dev.precast.testkit.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OddModulesTest {
    @ParameterizedTest
    @MethodSource("compilable")
    void an_odd_module_does_the_same_interpreted_and_compiled(String name) {
        CorpusModule odd = OddModules.module(name);
        WasmModule module = Parser.parse(odd.wasm());
        var machine = MachineFactoryCompiler.builder(module)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .compile();

        List<String> compiled = ChicoryTranscript.of(odd.exercise(), module, machine);

        // Parsed again: a table that grows in one instance has grown in the module.
        assertThat(compiled).isEqualTo(ChicoryTranscript.of(odd.exercise(), Parser.parse(odd.wasm()), null));
    }

    @Test
    void an_exercise_tells_results_and_traps() {
        CorpusModule traps = OddModules.module("traps");

        assertThat(ChicoryTranscript.of(traps.exercise(), Parser.parse(traps.wasm()), null))
                .contains(
                        "call div[7, 2] = 3",
                        "call div[7, 0] traps: WasmRuntimeException: integer divide by zero",
                        "call recurse[100] = 100",
                        "call recurse[100000000] traps: call stack exhausted",
                        "call div[9, 3] = 3");
    }

    @Test
    void exceptions_are_caught_thrown_again_and_left_uncaught() {
        CorpusModule exceptions = OddModules.module("exceptions");

        assertThat(ChicoryTranscript.of(exceptions.exercise(), Parser.parse(exceptions.wasm()), null))
                .contains("call safe-div[12, 4] = 3", "call safe-div[12, 0] = -12", "call rethrow[7] = 7")
                .anyMatch(line -> line.startsWith("call throw[3] traps: "));
    }

    @Test
    void the_compiler_rejects_simd() {
        WasmModule simd = Parser.parse(OddModules.module("simd").wasm());

        assertThatThrownBy(() -> MachineFactoryCompiler.builder(simd)
                        .withInterpreterFallback(InterpreterFallback.SILENT)
                        .compile())
                .isInstanceOf(ChicoryException.class)
                .hasMessageContaining("V128");
    }

    @Test
    void a_huge_function_is_left_to_the_interpreter() {
        WasmModule huge = Parser.parse(OddModules.module("huge-function").wasm());

        assertThatThrownBy(() -> MachineFactoryCompiler.builder(huge)
                        .withInterpreterFallback(InterpreterFallback.FAIL)
                        .compile())
                .isInstanceOf(ChicoryException.class)
                .hasMessageContaining("method size");
    }

    @Test
    void a_text_that_does_not_parse_says_where() {
        assertThatThrownBy(() -> Wat.assemble("(module (func i32.nonsense))"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1:15");
    }

    static List<String> compilable() {
        return OddModules.names().stream().filter(name -> !name.equals("simd")).toList();
    }
}
