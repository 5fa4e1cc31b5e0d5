package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.engine.chicory.compile.Advisory.Condition;
import dev.precast.testing.Scale;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random modules do in each {@link Way} what they do in the engine's interpreter. The default number of modules takes five to
 * six minutes of processor time on an engine; {@code -Drandom.modules=N} tries fewer or more, and {@code -Drandom.seed=N} one
 * of them again.
 */
@Tag("engines")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "takes minutes and needs testkit/suite/fetch")
final class RandomModulesIT {
    private static final int MODULES = Integer.getInteger("random.modules", 5_000);

    /**
     * How the engine's interpreter fails at a tail call: of a function with locals to itself, and after a call of a function
     * that ended with a tail call.
     */
    private static final List<String> FAILED_TAIL_CALLS = List.of(
            "ArrayIndexOutOfBoundsException: ", "IndexOutOfBoundsException: Index -1 out of bounds for length 0");

    /** More than 300 nested calls need in any way; the fuel of a module allows no more calls. */
    private static final long STACK_BYTES = 64L << 20;

    private static final Long ONLY = Long.getLong("random.seed");
    private static final String SAME = "same";

    /** How many modules ended in each way; the name of one that was not compared says why. */
    private final Map<String, Integer> kinds = new TreeMap<>();

    private final List<String> differences = new ArrayList<>();

    @Test
    void random_modules_give_the_results_of_the_interpreter_in_each_way() throws Exception {
        long begun = System.nanoTime();
        if (ONLY != null) {
            compareInLargeStack(ONLY);
        } else {
            Random seeds = Scale.random(RandomModulesIT.class);
            for (int i = 0; i < MODULES; i++) {
                compareInLargeStack(seeds.nextLong());
            }
        }
        int compared = kinds.entrySet().stream()
                .filter(kind -> kind.getKey().startsWith(SAME))
                .mapToInt(Map.Entry::getValue)
                .sum();
        System.out.println("RandomModulesIT: " + compared + " modules were the same in all ways, " + kinds + ", "
                + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s");

        assertThat(differences).isEmpty();
        if (ONLY == null) {
            assertThat(compared).isGreaterThan(MODULES * 6 / 10);
        }
    }

    private void compareInLargeStack(long seed) throws Exception {
        LargeStack.call(STACK_BYTES, () -> {
            compare(RandomModule.of(seed));
            return seed;
        });
    }

    private void compare(RandomModule random) throws Exception {
        byte[] wasm = random.wasm();
        CompiledModule interpreted;
        try {
            interpreted = Way.interpret(wasm);
        } catch (RuntimeException e) {
            count(random, "refused by the interpreter");
            return;
        } catch (AssertionError e) {
            // Tests run with the engine's assertions, hosts without them.
            count(random, "refused by an assertion of the engine's parser");
            return;
        }
        RandomCalls calls = new RandomCalls(interpreted, random.seed());
        List<String> expected = calls.lines();
        if (calls.calls() == 0) {
            count(
                    random,
                    "nothing to call"
                            + (expected.isEmpty() ? "" : ", " + expected.get(0).replaceFirst("function \\d+: ", "")));
            return;
        }
        Map<Way, List<String>> found = new EnumMap<>(Way.class);
        String rejected = "";
        for (Way way : Way.values()) {
            try {
                found.put(way, new RandomCalls(Way.load(way.compile(wasm)), random.seed()).lines());
            } catch (RejectedException e) {
                if (e.code().equals(RejectedException.VERIFY)) {
                    differences.add(random + " " + way + ": verify-error: " + e.getMessage());
                }
                String why = e.code() + " (" + Failures.withoutDetail(e) + ")";
                if (way == Way.DEFAULT) {
                    count(random, why);
                    return;
                }
                rejected = ", but in some ways " + why;
            }
        }
        int before = differences.size();
        String wrong = "";
        List<String> first = found.getOrDefault(Way.DEFAULT, List.of());
        for (int i = 0; i < expected.size(); i++) {
            String known = knownFault(random, expected.get(i), first.get(i));
            if (known.isEmpty() && !expected.get(i).equals(first.get(i))) {
                known = mixedValues(random, wasm, i, first.get(i));
            }
            // After a fault of the interpreter, the other ways are compared with the first one.
            String line = known.isEmpty() ? expected.get(i) : first.get(i);
            wrong = known.isEmpty() ? wrong : ", but the interpreter " + known;
            for (Map.Entry<Way, List<String>> way : found.entrySet()) {
                String other = way.getValue().get(i);
                if (!line.equals(other)) {
                    differences.add(random + " " + way.getKey() + ": expected " + line + ", found " + other);
                }
            }
        }
        count(random, (differences.size() > before ? "different" : SAME) + wrong + rejected);
    }

    /** What the engine's interpreter does wrong in a function's calls and all ways do right; empty for nothing known. */
    private static String knownFault(RandomModule random, String interpreted, String found) {
        return switch (random.kind()) {
            case TAIL_CALLS -> FAILED_TAIL_CALLS.stream().anyMatch(interpreted::contains) ? "fails at a tail call" : "";
            case EXCEPTIONS, GC_AND_EXCEPTIONS ->
                found.contains(Failures.NULL) && !interpreted.contains(Failures.NULL) ? "catches a null exception" : "";
            case PLAIN -> "";
        };
    }

    /**
     * What the engine's interpreter does wrong and all ways do right, since it does not differ in the module that is compiled;
     * empty if it does.
     */
    private static String mixedValues(RandomModule random, byte[] wasm, int line, String found)
            throws RejectedException {
        WasmModule module = Parser.parse(wasm);
        ModuleFeatures features = new ModuleFeatures(module);
        if (features.functions().stream().anyMatch(each -> features.has(each, Condition.LOOPS_WITH_PARAMETERS))) {
            return "mixes up values at a loop with parameters";
        }
        byte[] rewritten = ModuleCompiler.rewritten(wasm, module);
        String interpreted =
                new RandomCalls(Way.interpret(rewritten), random.seed()).lines().get(line);
        return interpreted.equals(found) ? "mixes up values at a block with parameters or a tail call" : "";
    }

    private void count(RandomModule random, String end) {
        kinds.merge(end + ", " + random.kind(), 1, Integer::sum);
    }
}
