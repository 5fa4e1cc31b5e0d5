package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs modules that an engine's compiler or interpreter gets wrong, in each mix of compiled and interpreted functions. */
final class WrongCodeTest {
    /**
     * A module and its right results.
     *
     * @param wanted functions that are interpreted beside those of the advisories
     */
    record Case(String name, byte[] wasm, Set<Integer> wanted, List<Long> expected) {
        static Case of(String name, byte[] wasm, Long... expected) {
            return new Case(name, wasm, Set.of(), List.of(expected));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                Case.of("throw of four values", WrongModules.throwOfFour(), 42L),
                Case.of("struct of five fields", WrongModules.structOfFive(), 42L),
                Case.of("call with 254 parameters", WrongModules.manyParameters(), 42L),
                Case.of("branches past the last block", WrongModules.branchesPastLastBlock(), 2L, 2L, 2L, 5L),
                Case.of("branches past other blocks", WrongModules.branchesPastOtherBlocks(), 2L, 5L, 2L, 2L),
                Case.of("call_ref with 254 parameters", WrongModules.manyParametersThroughReference(), 9L),
                Case.of("caught reference", WrongModules.caughtReference(), 41L),
                Case.of("deep tail calls", WrongModules.deepTailCalls(), 44L),
                Case.of("deep tail calls through a table", WrongModules.deepIndirectTailCalls(), 44L),
                Case.of("deep tail calls of a function with locals", WrongModules.deepOwnTailCalls(), 10L),
                Case.of("tail calls with a result that is a reference", TailCallModules.oneResult(), 7L),
                Case.of("tail calls with two results", TailCallModules.twoResults(), 8L),
                Case.of("tail calls with references as parameters", TailCallModules.parameters(), 8L, 10L),
                Case.of("deep tail calls with references", TailCallModules.deep(), 44L),
                Case.of("casts to function types", WrongModules.functionCasts(), 0L, 0L, 0L),
                new Case("i31", WrongModules.smallIntegers(), Set.of(1), List.of(11L)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void what_the_compiler_gets_wrong_is_right_in_all_mixes(Case one) throws Exception {
        Mixes.assertSameInAll(one.wasm(), one.expected());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void an_advisory_applies_only_where_the_compiler_is_wrong(Case one) throws Exception {
        Set<Integer> interpreted = new TreeSet<>(one.wanted());
        Artifact.ADVISORIES.apply(new ModuleFeatures(Parser.parse(one.wasm())), interpreted);

        List<Object> without = Mixes.results(Artifact.of(one.wasm(), new Advisories(List.of()), one.wanted()));

        if (interpreted.equals(one.wanted())) {
            assertThat(without).isEqualTo(one.expected());
        } else {
            assertThat(without).isNotEqualTo(one.expected());
        }
    }

    @Test
    void blocks_with_parameters_are_right_in_all_mixes() throws Exception {
        Mixes.assertSameInAll(WrongModules.branchesFromBlocksWithParameters(), List.of(11L, 11L, 11L, 19L));
        Mixes.assertSameInAll(WrongModules.blocksWithParameters(), List.of(12L, 12L, 13L, 42L, 15L));
    }

    @Test
    void tail_calls_leave_no_values_and_no_handlers_in_any_mix() throws Exception {
        Mixes.assertSameInAll(WrongModules.tailCallOutOfTry(), List.of(9L));
        Mixes.assertSameInAll(WrongModules.tailCallsWithValuesLeftOver(), List.of(129L));
    }

    @Test
    void a_loop_with_parameters_is_right_when_compiled_and_never_interpreted() throws Exception {
        byte[] wasm = WrongModules.loopWithParameters();

        assertThat(Mixes.results(Artifact.of(wasm))).containsExactly(10L);
        assertThatThrownBy(() -> ModuleCompiler.compile(wasm, ChicoryConfig.defaults(), Artifact.ADVISORIES, Set.of(0)))
                .isInstanceOf(RejectedException.class)
                .hasMessageStartingWith("advisory interpreted-loop-parameters: the function must be interpreted")
                .hasMessageEndingWith("(function 0)");
    }

    @Test
    void tail_calls_that_the_interpreter_gets_wrong_stay_compiled() throws Exception {
        assertThat(Mixes.results(Artifact.of(WrongModules.sharedIndirectTailCalls())))
                .containsExactly(44L);
    }

    @Test
    void a_function_with_locals_tail_calls_itself_in_all_mixes() throws Exception {
        Mixes.assertSameInAll(WrongModules.ownTailCall(), List.of(0L));
        Mixes.assertSameInAll(WrongModules.ownTailCallFromTry(), List.of(0L));
        Mixes.assertSameInAll(WrongModules.ownTailCallThroughReference(), List.of(6L));
    }

    @Test
    void tail_calls_pass_the_references_of_a_host_in_all_mixes() throws Exception {
        SuiteValue five = SuiteValue.reference("5");
        for (Set<Integer> interpreted : Mixes.all(TailCallModules.ofHost())) {
            Instance instance = Mixes.instance(Artifact.interpreting(TailCallModules.ofHost(), interpreted));

            assertThat(SuiteCalls.call(instance, "is", List.of(five)))
                    .as("interpreted: %s", interpreted)
                    .containsExactly(SuiteValue.of(ValType.I32, 1));
            assertThat(SuiteCalls.call(instance, "is", List.of(SuiteValue.reference(SuiteValue.NULL))))
                    .as("interpreted: %s", interpreted)
                    .containsExactly(SuiteValue.of(ValType.I32, 0));
            assertThat(SuiteCalls.call(instance, "even", List.of(five, SuiteValue.of(ValType.I32, 200_001))))
                    .as("interpreted: %s", interpreted)
                    .containsExactly(five, SuiteValue.of(ValType.I32, 0));
        }
    }

    @Test
    void no_handler_catches_a_null_reference_that_is_thrown_in_any_mix() throws Exception {
        for (Set<Integer> interpreted : Mixes.all(WrongModules.nullThrows())) {
            Instance instance = Mixes.instance(Artifact.interpreting(WrongModules.nullThrows(), interpreted));

            for (String function : List.of("own", "called")) {
                assertThatThrownBy(() -> instance.export(function).apply())
                        .as("%s, interpreted: %s", function, interpreted)
                        .extracting(Failures::text)
                        .isEqualTo(Failures.NULL);
            }
            assertThat(instance.export("again").apply()).containsExactly(9);
        }
    }

    @Test
    void a_tail_call_that_neither_gets_right_rejects_the_module() {
        for (byte[] wasm : List.of(WrongModules.ownTailCallWithReference(), WrongModules.sharedIndirectTailCalls())) {
            assertThatThrownBy(() ->
                            ModuleCompiler.compile(wasm, ChicoryConfig.defaults(), Artifact.ADVISORIES, Set.of(0)))
                    .isInstanceOf(RejectedException.class)
                    .hasMessageStartingWith("advisory interpreted-tail-call: the function must be interpreted")
                    .hasMessageEndingWith("(function 0)");
        }
    }

    @Test
    void a_config_without_interpretation_rejects_what_an_advisory_interprets() {
        ChicoryConfig config = ChicoryConfig.parse("{\"functionsPerClass\":50,\"interpreterFallback\":\"fail\"}");

        assertThatThrownBy(
                        () -> ModuleCompiler.compile(WrongModules.throwOfFour(), config, Artifact.ADVISORIES, Set.of()))
                .isInstanceOf(RejectedException.class)
                .hasMessage("advisories: functions [0] must be interpreted, which the config does not allow");
    }

    @Test
    void an_exception_of_a_function_in_a_table_reaches_its_handler_in_all_mixes() throws Exception {
        Mixes.assertSameInAll(WrongModules.exceptionThroughTable(), List.of(7L, 8L));
    }

    @Test
    void a_tail_call_leaves_no_frame_in_any_mix() throws Exception {
        Mixes.assertSameInAll(WrongModules.tailCallAfterTailCall(), List.of(7L, 6L));
    }

    @Test
    void functions_at_which_the_compiler_fails_are_interpreted_and_no_others() throws Exception {
        assertThat(Mixes.results(Artifact.of(WrongModules.deadTry()))).containsExactly(5L, 6L);
        assertThat(Mixes.results(Artifact.of(WrongModules.valuesBelowTry()))).containsExactly(9L);
        assertThat(Mixes.bodies(WrongModules.deadTry(), Set.of())).isSubsetOf("body/0", "body/2");
    }

    @Test
    void a_function_at_which_the_compiler_fails_is_found_among_many() throws Exception {
        Wasm wasm = new Wasm();
        for (int i = 0; i < 64; i++) {
            byte[] code = i == 37 ? Wasm.code(0x1f, 0x40, 0, 0x01, 0x0b) : Wasm.code(0x01);
            wasm.function("f" + i, new int[] {}, new int[] {}, 0, code);
        }

        assertThat(Mixes.bodies(wasm.bytes(), Set.of())).isSubsetOf("body/37");
    }

    @Test
    void functions_that_call_what_the_compiler_did_not_generate_are_interpreted() throws Exception {
        assertThat(Mixes.results(Artifact.of(WrongModules.referenceResults()))).containsExactly(3L);
        assertThat(Mixes.bodies(WrongModules.referenceResults(), Set.of())).isSubsetOf("body/0", "body/1");
    }

    @Test
    void a_method_that_the_compiler_generated_twice_is_removed() throws Exception {
        assertThat(Mixes.results(Artifact.of(WrongModules.functionResults()))).containsExactly(3L);
        assertThat(Mixes.bodies(WrongModules.functionResults(), Set.of())).isEmpty();
    }

    @Test
    void no_function_of_an_ordinary_module_is_interpreted() throws Exception {
        for (byte[] wasm : List.of(Modules.arithmetic(), Modules.many(100), Modules.customSections())) {
            assertThat(Mixes.bodies(wasm, Set.of())).isEmpty();
        }
    }

    @Test
    void more_interpreted_functions_than_a_class_can_hold_reject_the_module() throws Exception {
        byte[] wasm = Modules.many(2_001);
        Set<Integer> functions = new TreeSet<>(new ModuleFeatures(Parser.parse(wasm)).functions());
        assertThatThrownBy(() -> ModuleCompiler.compile(wasm, ChicoryConfig.defaults(), Artifact.ADVISORIES, functions))
                .isInstanceOf(RejectedException.class)
                .hasMessage("functions that must be interpreted: at most 2000, found 2001");

        functions.remove(2_000);
        assertThat(Mixes.bodies(wasm, functions)).hasSize(2_000);
    }
}
