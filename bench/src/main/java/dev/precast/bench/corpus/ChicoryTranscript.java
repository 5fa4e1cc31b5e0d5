package dev.precast.bench.corpus;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What happens when an exercise is done on Chicory. The end-to-end tests make the one for Endive from this source. */
public final class ChicoryTranscript {
    private ChicoryTranscript() {}

    /**
     * Takes an exercise's steps in a fresh instance and tells what happened, in lines to compare.
     *
     * @param machine how functions run; {@code null} for the interpreter
     */
    public static List<String> of(Exercise exercise, WasmModule module, @Nullable Function<Instance, Machine> machine) {
        List<List<String>> steps = exercise.steps();
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var options = WasiOptions.builder()
                .withClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .withRandom(new Random(0))
                .withStdout(out)
                .withStderr(err);
        var copying = new HashSet<String>();
        for (List<String> step : steps) {
            switch (step.getFirst()) {
                case "args" -> options.withArguments(step.subList(1, step.size()));
                case "env" -> options.withEnvironment(step.get(1), step.get(2));
                case "stdin" -> options.withStdin(new ByteArrayInputStream(utf8(step.get(1))));
                case "memcpy" -> copying.add(step.get(1));
                default -> {}
            }
        }
        try (var wasi = WasiPreview1.builder().withOptions(options.build()).build()) {
            var run = new Run();
            var builder =
                    Instance.builder(module).withImportValues(ChicoryStubs.of(module, wasi, copying, run::stubCalled));
            if (machine != null) {
                builder.withMachineFactory(machine);
            }
            try {
                Instance instance = builder.build();
                steps.forEach(step -> run.step(instance, step));
            } catch (WasiExitException e) {
                run.transcript.add("exit " + e.exitCode());
            } catch (ChicoryException | WasmException | StackOverflowError e) {
                run.transcript.add("start: " + said(e));
            }
            run.transcript.add("stubs: " + run.stubCalls + ", last " + run.lastStubCall);
            run.transcript.add("out: " + out.toString(StandardCharsets.UTF_8));
            run.transcript.add("err: " + err.toString(StandardCharsets.UTF_8));
            return List.copyOf(run.transcript);
        }
    }

    private static final class Run {
        private final List<String> transcript = new ArrayList<>();
        private final Map<String, Long> variables = new HashMap<>();
        private long stubCalls;
        private String lastStubCall = "none";

        void stubCalled(String call) {
            stubCalls++;
            lastStubCall = call;
        }

        void step(Instance instance, List<String> words) {
            if (words.getFirst().startsWith("$")) {
                Long result = result(instance, words.subList(2, words.size()));
                if (result != null) {
                    variables.put(words.getFirst(), result);
                }
            } else {
                result(instance, words);
            }
        }

        private @Nullable Long result(Instance instance, List<String> words) {
            switch (words.getFirst()) {
                case "call" -> {
                    return call(instance, words.get(1), words.subList(2, words.size()));
                }
                case "write" -> {
                    byte[] text = utf8(words.get(2));
                    instance.memory().write(address(words.get(1)), text);
                    return (long) text.length;
                }
                case "i32" -> instance.memory().writeI32(address(words.get(1)), address(words.get(2)));
                case "load" -> {
                    int value = instance.memory().readInt(address(words.get(1)));
                    transcript.add(String.join(" ", words) + " = " + value);
                    return (long) value;
                }
                case "memory" -> {
                    byte[] bytes = instance.memory().readBytes(address(words.get(1)), address(words.get(2)));
                    transcript.add(
                            String.join(" ", words) + " = " + HexFormat.of().formatHex(bytes));
                }
                case "text" -> {
                    int address = address(words.get(1));
                    transcript.add(String.join(" ", words) + " = "
                            + (words.size() == 2
                                    ? instance.memory().readCString(address)
                                    : instance.memory().readString(address, address(words.get(2)))));
                }
                case "global" -> {
                    long value = instance.exports().global(words.get(1)).getValue();
                    transcript.add(String.join(" ", words) + " = " + value);
                    return value;
                }
                case "args", "env", "stdin", "memcpy" -> {}
                default -> throw new IllegalArgumentException("exercise: no such step: " + words);
            }
            return null;
        }

        private @Nullable Long call(Instance instance, String name, List<String> words) {
            List<ValType> params = instance.exportType(name).params();
            List<ValType> returns = instance.exportType(name).returns();
            if (params.size() != words.size()) {
                throw new IllegalArgumentException(
                        "exercise: " + name + " takes " + params.size() + " values, found " + words);
            }
            long[] arguments = IntStream.range(0, params.size())
                    .mapToLong(i -> value(words.get(i), params.get(i)))
                    .toArray();
            String call = "call " + name + words + " ";
            try {
                long[] results = instance.export(name).apply(arguments);
                transcript.add(call
                        + IntStream.range(0, returns.size())
                                .mapToObj(i -> shown(results[i], returns.get(i)))
                                .collect(Collectors.joining(" ", "= ", "")));
                return returns.isEmpty() ? null : results[0];
            } catch (ChicoryException | WasmException | StackOverflowError e) {
                transcript.add(call + said(e));
                return null;
            }
        }

        private int address(String word) {
            return (int) value(word, ValType.I32);
        }

        private long value(String word, ValType type) {
            if (word.startsWith("$")) {
                int plus = word.indexOf('+');
                String name = plus < 0 ? word : word.substring(0, plus);
                Long value = variables.get(name);
                if (value == null) {
                    throw new IllegalArgumentException("exercise: " + name + " has no value");
                }
                return plus < 0 ? value : value + value(word.substring(plus + 1), type);
            }
            if (type.equals(ValType.F32)) {
                return Value.floatToLong(word.equals("nan") ? Float.NaN : Float.parseFloat(word));
            }
            if (type.equals(ValType.F64)) {
                return Value.doubleToLong(word.equals("nan") ? Double.NaN : Double.parseDouble(word));
            }
            return Long.decode(word);
        }
    }

    private static String shown(long value, ValType type) {
        if (type.equals(ValType.I32)) {
            return Integer.toString((int) value);
        }
        if (type.equals(ValType.F32)) {
            return Float.toString(Value.longToFloat(value));
        }
        if (type.equals(ValType.F64)) {
            return Double.toString(Value.longToDouble(value));
        }
        return Long.toString(value);
    }

    /** The trap, without what only one way to run can add: a stack that overflows is the same trap, whoever notices. */
    private static String said(Throwable e) {
        if (e instanceof StackOverflowError || e.getCause() instanceof StackOverflowError) {
            return "traps: call stack exhausted";
        }
        String message = String.valueOf(e.getMessage());
        int detail = message.indexOf(": ");
        return "traps: " + e.getClass().getSimpleName() + ": " + (detail < 0 ? message : message.substring(0, detail));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
