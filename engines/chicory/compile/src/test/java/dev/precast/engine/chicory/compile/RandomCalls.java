package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.types.Export;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Calls the exports of a module with random arguments, and says what they did. */
final class RandomCalls {
    private static final int CALLS = 2;
    private static final int MOST_FUNCTIONS = 12;
    private static final int[] SPECIAL = {0, 1, -1, 2, 65_535, Integer.MIN_VALUE, Integer.MAX_VALUE};

    private final CompiledModule module;
    private final long seed;
    private int calls;

    RandomCalls(CompiledModule module, long seed) {
        this.module = module;
        this.seed = seed;
    }

    /** How many calls were made, in instances whose start function did not fail. */
    int calls() {
        return calls;
    }

    /**
     * One line for each exported function: the outcomes of its calls in a new instance, and the exported memories and
     * globals after them. The fuel of a module is for one instance.
     */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Export export : exports(ExternalType.FUNCTION)) {
            if (lines.size() < MOST_FUNCTIONS) {
                lines.add("function " + export.index() + ": " + line(export));
            }
        }
        return lines;
    }

    private String line(Export function) {
        Instance instance;
        try {
            instance = Mixes.instance(module);
        } catch (RuntimeException | Error e) {
            return "start: " + Failures.text(e);
        }
        Random random = new Random(seed + function.index());
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < CALLS; i++) {
            List<SuiteValue> arguments = arguments(instance, function, random);
            if (arguments == null) {
                return "takes references that are not null";
            }
            calls++;
            line.append(arguments)
                    .append(" = ")
                    .append(call(instance, function, arguments))
                    .append("; ");
        }
        for (Export each : exports(ExternalType.MEMORY)) {
            Memory memory = instance.exports().memory(each.name());
            line.append("memory ")
                    .append(Arrays.hashCode(memory.readBytes(0, memory.pages() * Memory.PAGE_SIZE)))
                    .append("; ");
        }
        for (Export each : exports(ExternalType.GLOBAL)) {
            line.append(SuiteCalls.value(instance.exports().global(each.name())))
                    .append("; ");
        }
        return line.toString();
    }

    private static String call(Instance instance, Export function, List<SuiteValue> arguments) {
        try {
            return SuiteCalls.call(instance, function.name(), arguments).toString();
        } catch (RuntimeException | Error e) {
            return Failures.text(e);
        }
    }

    /** Random arguments, null for references; null if a reference must not be null. */
    private static @Nullable List<SuiteValue> arguments(Instance instance, Export function, Random random) {
        List<SuiteValue> arguments = new ArrayList<>();
        for (ValType type : instance.exportType(function.name()).params()) {
            if (type.isReference()) {
                if (!type.isNullable()) {
                    return null;
                }
                arguments.add(SuiteValue.reference(SuiteValue.NULL));
            } else {
                boolean special = random.nextInt(3) == 0;
                arguments.add(SuiteValue.of(
                        type,
                        special ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextLong() >> random.nextInt(64)));
            }
        }
        return arguments;
    }

    private List<Export> exports(ExternalType type) {
        return Mixes.exports(module.wasmModule(), type);
    }
}
