package dev.precast.testkit.corpus;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Small unusual modules: those of the files in {@code testkit/corpus/odd}, and generated ones. Each call assembles them
 * from text again.
 */
public final class OddModules {
    /** Name of the module that {@link #hugeFunction()} generates: its code exceeds the 64 KiB of a JVM method. */
    static final String HUGE_FUNCTION = "huge-function";

    /** Name of the module that {@link #manyFunctions()} generates. */
    static final String MANY_FUNCTIONS = "many-functions";

    private static final List<String> NAMES = List.of(
            "empty",
            "exceptions",
            HUGE_FUNCTION,
            MANY_FUNCTIONS,
            "multi-memory",
            "no-functions",
            "only-imports",
            "simd",
            "start",
            "start-traps",
            "tail-calls",
            "traps",
            "values");

    private OddModules() {}

    /** The names of all odd modules, in alphabetical order. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * An odd module with its exercise: the {@code call} and {@code memory} steps in the leading comment of its text.
     *
     * @throws IllegalArgumentException if no module has this name
     */
    public static CorpusModule module(String name) {
        String text = switch (name) {
            case HUGE_FUNCTION -> hugeFunction();
            case MANY_FUNCTIONS -> manyFunctions();
            case "exceptions" -> read(name + ".hex");
            default -> read(name + ".wat");
        };
        byte[] wasm = text.startsWith("; ") ? bytesOf(text) : Wat.assemble(text);
        String calls = text.lines()
                .takeWhile(line -> line.startsWith(";"))
                .map(line -> line.replaceFirst("^;+ ?", ""))
                .filter(line -> line.matches("(call|memory) .*"))
                .collect(joining("\n"));
        return new CorpusModule(name, wasm, Exercise.parse(calls));
    }

    private static String hugeFunction() {
        return """
                ;; call f 1
                ;; call f 20000
                (module (memory 1) (func (export "f") (param i32) (result i32)
                %s
                  local.get 0))
                """.formatted(IntStream.range(0, 10_000)
                .mapToObj(i -> "local.get 0 local.get 0 i32.load i32.const %d i32.add i32.store".formatted(i))
                .collect(joining("\n")));
    }

    private static String manyFunctions() {
        int count = 10_000;
        return """
                ;; call sum
                ;; call at 9999 5
                ;; call at 10000 5
                (module
                  (type (func (param i32) (result i32)))
                  (table %1$d funcref)
                  (elem (i32.const 0) func %2$s)
                %3$s
                  (func $at (export "at") (param i32 i32) (result i32)
                    (call_indirect (type 0) (local.get 1) (local.get 0)))
                  (func (export "sum") (result i32) (local $i i32) (local $sum i32)
                    (loop $next
                      (local.set $sum (i32.add (local.get $sum) (call $at (local.get $i) (local.get $sum))))
                      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const %1$d))))
                    (local.get $sum)))
                """.formatted(
                        count,
                        IntStream.range(0, count).mapToObj(Integer::toString).collect(joining(" ")),
                        IntStream.range(0, count)
                                .mapToObj("(func (type 0) local.get 0 i32.const %d i32.xor)"::formatted)
                                .collect(joining("\n")));
    }

    private static byte[] bytesOf(String hex) {
        return HexFormat.of()
                .parseHex(hex.lines()
                        .map(line -> line.replaceFirst(";.*", "").replace(" ", ""))
                        .collect(joining()));
    }

    private static String read(String file) {
        try (var in = OddModules.class.getResourceAsStream("odd/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("odd module: expected one of " + NAMES + ", found " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
