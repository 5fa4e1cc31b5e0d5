package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dylibso.chicory.wasm.Parser;
import dev.precast.json.JsonException;
import dev.precast.module.WasmKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnJre;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AdvisoriesTest {
    private static Advisories one(String uses, String when, String then) {
        return Advisories.parse("{\"advisories\": [" + line(uses, when, then) + "]}");
    }

    private static String line(String uses, String when, String then) {
        return "{\"id\": \"x\", \"uses\": [" + uses + "], \"when\": [" + when + "], \"then\": \"" + then
                + "\", \"why\": \"it is wrong\"}";
    }

    private static Set<Integer> interpreted(Advisories advisories, byte[] wasm, Integer... before)
            throws RejectedException {
        Set<Integer> interpreted = new TreeSet<>(Set.of(before));
        boolean grown = advisories.apply(new ModuleFeatures(Parser.parse(wasm)), interpreted);
        assertThat(grown).isEqualTo(interpreted.size() > before.length);
        return interpreted;
    }

    @Test
    void a_function_with_all_instructions_of_an_advisory_is_interpreted() throws Exception {
        assertThat(interpreted(one("\"TRY_TABLE\"", "", "interpret"), MixedModules.exceptionThroughFive()))
                .containsExactly(2, 4);
        assertThat(interpreted(
                        one("\"TRY_TABLE\", \"I32_CONST\", \"CALL\"", "", "interpret"),
                        MixedModules.exceptionThroughFive()))
                .containsExactly(2, 4);
        assertThat(interpreted(one("\"TRY_TABLE\", \"I64_ADD\"", "", "interpret"), MixedModules.exceptionThroughFive()))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "boxes-values, throwOfFour, 0",
        "boxes-values, structOfFive, 0",
        "boxes-values, manyParameters, 1",
        "boxes-values, tailCallOutOfTry, ''",
        "boxes-values, valuesBelowTry, ''",
        "catches-references, caughtReference, 0",
        "catches-references, throwOfFour, ''",
        "branches-past-last-block, branchesPastLastBlock, '0,1,2,3'",
        "branches-past-last-block, branchesPastOtherBlocks, ''",
        "many-parameters, manyParametersThroughReference, 2",
        "many-parameters, manyParameters, ''",
        "casts-to-function-type, functionCasts, '2,3,4'",
        "casts-to-function-type, smallIntegers, ''",
        "loops-with-parameters, loopWithParameters, 0",
        "loops-with-parameters, blocksWithParameters, ''",
        "recursive-tail-calls, deepTailCalls, '0,1'",
        "recursive-tail-calls, deepIndirectTailCalls, 0",
        "recursive-tail-calls, tailCallAfterTailCall, ''",
        "unsafe-tail-calls, deepTailCalls, ''",
        "unsafe-tail-calls, deepIndirectTailCalls, ''",
        "unsafe-tail-calls, sharedIndirectTailCalls, 0",
        "unsafe-tail-calls, ownTailCall, ''",
        "unsafe-tail-calls, ownTailCallFromTry, ''",
        "unsafe-tail-calls, ownTailCallWithReference, '0,1'",
        "unsafe-tail-calls, ownTailCallThroughReference, ''",
        "safe-tail-calls, ownTailCall, '0,1'",
        "safe-tail-calls, ownTailCallWithReference, ''"
    })
    void a_condition_holds_for_the_functions_that_it_describes(String condition, String module, String functions)
            throws Exception {
        byte[] wasm = (byte[]) WrongModules.class.getDeclaredMethod(module).invoke(null);

        assertThat(interpreted(one("", "\"" + condition + "\"", "interpret"), wasm).stream()
                        .map(String::valueOf)
                        .reduce((a, b) -> a + "," + b)
                        .orElse(""))
                .isEqualTo(functions);
    }

    @Test
    void a_module_is_interpreted_whole_if_it_would_be_mixed() throws Exception {
        Advisories mixed = one("\"REF_I31\"", "\"mixed\"", "interpret-module");

        assertThat(interpreted(mixed, WrongModules.smallIntegers())).isEmpty();
        assertThat(interpreted(mixed, WrongModules.smallIntegers(), 1)).containsExactly(0, 1, 2);
        assertThat(interpreted(mixed, WrongModules.deepTailCalls(), 1)).containsExactly(1);
    }

    @Test
    void an_advisory_sees_what_others_interpret_in_any_order() throws Exception {
        Advisories advisories = Advisories.parse("{\"advisories\": ["
                + line("\"REF_I31\"", "\"mixed\"", "interpret-module") + ","
                + line("\"TABLE_GET\"", "", "interpret") + "]}");

        assertThat(interpreted(advisories, WrongModules.smallIntegers())).containsExactly(0, 1, 2);
    }

    @Test
    void a_module_is_rejected_with_the_advisory_and_its_reason() throws Exception {
        Advisories reject = one("", "\"interpreted\", \"unsafe-tail-calls\"", "reject");

        assertThat(interpreted(reject, WrongModules.sharedIndirectTailCalls(), 1))
                .containsExactly(1);
        assertThatThrownBy(() -> interpreted(reject, WrongModules.sharedIndirectTailCalls(), 0))
                .isInstanceOf(RejectedException.class)
                .hasMessage("advisory x: it is wrong (function 0)");

        Advisories inTry = Advisories.parse("{\"advisories\": ["
                + line("\"TRY_TABLE\"", "", "interpret") + ","
                + line("", "\"interpreted\", \"unsafe-tail-calls\"", "reject") + "]}");
        assertThatThrownBy(() -> interpreted(inTry, WrongModules.ownTailCallWithReference()))
                .isInstanceOf(RejectedException.class)
                .hasMessage("advisory x: it is wrong (function 1)");
    }

    /** None of the corpus, in the full tier, becomes slower. */
    @Test
    @Tag("engines")
    @DisabledOnJre(
            value = JRE.JAVA_17,
            disabledReason = "the compiled bytes are the same on every JDK, see SameBytesTest")
    void no_advisory_of_the_pack_concerns_a_real_module() throws Exception {
        List<byte[]> modules = new ArrayList<>(List.of(Modules.arithmetic(), Modules.many(100)));
        if (AllowListTest.FULL) {
            try (Stream<Path> files = Files.list(AllowListTest.cache("PRECAST_CORPUS", "corpus"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".wasm")).toList()) {
                    modules.add(Files.readAllBytes(file));
                }
            }
        }
        modules.removeIf(wasm -> WasmKind.of(wasm) != WasmKind.MODULE);
        for (byte[] wasm : modules) {
            assertThat(interpreted(Artifact.ADVISORIES, wasm)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"advisories\": [{}]}",
                "{\"advisories\": [{\"id\":\"x\",\"uses\":[],\"when\":[],\"then\":\"reject\",\"why\":\"y\"}]}",
                "{\"advisories\": [{\"id\":\"x\",\"uses\":[\"FLY\"],\"when\":[],\"then\":\"reject\",\"why\":\"y\"}]}",
                "{\"advisories\": [{\"id\":\"x\",\"uses\":[\"CALL\"],\"when\":[\"rain\"],\"then\":\"reject\",\"why\":\"y\"}]}",
                "{\"advisories\": [{\"id\":\"x\",\"uses\":[\"CALL\"],\"when\":[],\"then\":\"hope\",\"why\":\"y\"}]}",
                "{\"advisories\": [{\"id\":\"x\",\"uses\":[\"CALL\"],\"when\":[],\"then\":\"reject\",\"why\":\" \"}]}",
                "{\"advisories\": [], \"more\": 1}"
            })
    void a_wrong_list_is_refused(String json) {
        assertThatThrownBy(() -> Advisories.parse(json)).isInstanceOf(JsonException.class);
    }
}
