package dev.precast.testkit.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.testkit.corpus.RunningModule.Called;
import dev.precast.testkit.corpus.RunningModule.Signature;
import dev.precast.testkit.corpus.RunningModule.ValueType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs an exercise on any engine and records the results as lines that can be compared. Not thread safe. */
public final class Transcript {
    private final RunningModule module;
    private final List<String> lines;
    private final Map<String, Long> variables = new HashMap<>();
    private boolean exited;

    private Transcript(RunningModule module, List<String> lines) {
        this.module = module;
        this.lines = lines;
    }

    /**
     * Runs the steps of an exercise until they end or the program exits.
     *
     * @param lines receives the results
     */
    public static void of(Exercise exercise, RunningModule module, List<String> lines) {
        var transcript = new Transcript(module, lines);
        for (List<String> step : exercise.steps()) {
            if (!transcript.exited) {
                transcript.step(step);
            }
        }
    }

    private void step(List<String> words) {
        if (words.getFirst().startsWith("$")) {
            Long result = result(words.subList(2, words.size()));
            if (result != null) {
                variables.put(words.getFirst(), result);
            }
        } else {
            result(words);
        }
    }

    private @Nullable Long result(List<String> words) {
        switch (words.getFirst()) {
            case "call" -> {
                return call(words.get(1), words.subList(2, words.size()));
            }
            case "write" -> {
                byte[] text = words.get(2).getBytes(UTF_8);
                module.write(address(words.get(1)), text);
                return (long) text.length;
            }
            case "i32" -> module.write(address(words.get(1)), bytes(address(words.get(2))));
            case "load" -> {
                int value = ByteBuffer.wrap(module.read(address(words.get(1)), Integer.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getInt();
                tell(words, value);
                return (long) value;
            }
            case "memory" ->
                tell(words, HexFormat.of().formatHex(module.read(address(words.get(1)), address(words.get(2)))));
            case "text" -> {
                int address = address(words.get(1));
                byte[] text = words.size() == 2 ? untilNul(address) : module.read(address, address(words.get(2)));
                tell(words, new String(text, UTF_8));
            }
            case "global" -> {
                long value = module.global(words.get(1));
                tell(words, value);
                return value;
            }
            case "args", "env", "stdin", "memcpy" -> {}
            default -> throw new IllegalArgumentException("exercise: unknown step: " + words);
        }
        return null;
    }

    private void tell(List<String> words, Object result) {
        lines.add(String.join(" ", words) + " = " + result);
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private byte[] untilNul(int address) {
        var text = new ByteArrayOutputStream();
        for (int at = address; ; at++) {
            byte next = module.read(at, 1)[0];
            if (next == 0) {
                return text.toByteArray();
            }
            text.write(next);
        }
    }

    private @Nullable Long call(String name, List<String> words) {
        Signature signature = module.signature(name);
        List<ValueType> parameters = signature.parameters();
        if (parameters.size() != words.size()) {
            throw new IllegalArgumentException(
                    "exercise: call " + name + ": expected " + parameters.size() + " values, found " + words);
        }
        long[] arguments = IntStream.range(0, parameters.size())
                .mapToLong(i -> value(words.get(i), parameters.get(i)))
                .toArray();
        String call = "call " + name + words + " ";
        switch (module.call(name, arguments)) {
            case Called.Returned(long[] results) -> {
                List<ValueType> types = signature.results();
                lines.add(call
                        + IntStream.range(0, types.size())
                                .mapToObj(i -> shown(results[i], types.get(i)))
                                .collect(Collectors.joining(" ", "= ", "")));
                return types.isEmpty() ? null : results[0];
            }
            case Called.Trapped(String said) -> lines.add(call + "traps: " + said);
            case Called.Exited(int status) -> {
                lines.add("exit " + status);
                exited = true;
            }
        }
        return null;
    }

    private int address(String word) {
        return (int) value(word, ValueType.I32);
    }

    private long value(String word, ValueType type) {
        if (word.startsWith("$")) {
            int plus = word.indexOf('+');
            String name = plus < 0 ? word : word.substring(0, plus);
            Long value = variables.get(name);
            if (value == null) {
                throw new IllegalArgumentException("exercise: variable " + name + " has no value");
            }
            return plus < 0 ? value : value + value(word.substring(plus + 1), type);
        }
        return switch (type) {
            case F32 -> Float.floatToRawIntBits(word.equals("nan") ? Float.NaN : Float.parseFloat(word)) & 0xffff_ffffL;
            case F64 -> Double.doubleToRawLongBits(word.equals("nan") ? Double.NaN : Double.parseDouble(word));
            case I32, I64, OTHER -> Long.decode(word);
        };
    }

    private static String shown(long value, ValueType type) {
        return switch (type) {
            case I32 -> Integer.toString((int) value);
            case F32 -> Float.toString(Float.intBitsToFloat((int) value));
            case F64 -> Double.toString(Double.longBitsToDouble(value));
            case I64, OTHER -> Long.toString(value);
        };
    }
}
