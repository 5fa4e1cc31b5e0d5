package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.wasm.WasmModule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the functions that the engine's compiler cannot compile, or for which it generates code that hosts would refuse. It
 * compiles copies of the module that have a part of the bodies, and halves the parts at which the compiler fails.
 */
final class FailingFunctions {
    /** Each attempt takes time, so functions that are undecided after so many count as failing. */
    private static final int MAX_ATTEMPTS = 40;

    private final WasmModule module;
    private final int functionsPerClass;
    private final TreeSet<Integer> interpreted;
    private final TreeSet<Integer> failing = new TreeSet<>();
    private int attempts;

    private FailingFunctions(WasmModule module, int functionsPerClass, Set<Integer> interpreted) {
        this.module = module;
        this.functionsPerClass = functionsPerClass;
        this.interpreted = new TreeSet<>(interpreted);
    }

    /**
     * The failing ones of some functions.
     *
     * @param suspects indices of functions in ascending order
     * @param interpreted functions that are not compiled
     * @return empty if the module fails without these functions too, or if no function fails by itself
     */
    static Set<Integer> find(
            WasmModule module, int functionsPerClass, List<Integer> suspects, Set<Integer> interpreted) {
        FailingFunctions search = new FailingFunctions(module, functionsPerClass, interpreted);
        if (!search.fails(List.of()) && search.fails(suspects)) {
            search.halve(suspects);
        }
        return search.failing;
    }

    private void halve(List<Integer> suspects) {
        if (suspects.size() <= 1 || attempts >= MAX_ATTEMPTS) {
            failing.addAll(suspects);
            return;
        }
        List<Integer> low = suspects.subList(0, suspects.size() / 2);
        List<Integer> high = suspects.subList(suspects.size() / 2, suspects.size());
        boolean lowFails = fails(low);
        if (lowFails) {
            halve(low);
        }
        // The two halves fail together. If the low one passes alone, the high one counts as failing without an attempt.
        if (!lowFails || fails(high)) {
            halve(high);
        }
    }

    private boolean fails(List<Integer> bodies) {
        attempts++;
        try (ClassChecks checks = new ClassChecks()) {
            GeneratedClasses classes = new GeneratedClasses(checks);
            ModuleCompiler.generate(
                    TooLargeFunctions.only(module, Set.copyOf(bodies)), functionsPerClass, interpreted, () -> classes);
            checks.await(classes.bytes());
            return false;
        } catch (RuntimeException | CompilerFailedException e) {
            return true;
        }
    }
}
