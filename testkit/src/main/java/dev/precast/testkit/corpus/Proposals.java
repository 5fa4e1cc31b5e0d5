package dev.precast.testkit.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * One small module for each proposal to WebAssembly, and for parts of proposals that engines support separately. Their
 * function {@code f} returns 42.
 *
 * <p>The files are in {@code testkit/corpus/proposals}. The first line of a file is a comment with the module's bytes as
 * {@code wasm-tools parse} gives them, since no assembler in Java knows all proposals.
 */
public final class Proposals {
    /** Names of the components, which have no function that every engine can call. */
    public static final List<String> COMPONENTS = List.of("component-model", "component-model-async");

    private static final List<String> NAMES = List.of(
            "mutable-global",
            "sign-extension",
            "nontrapping-float-to-int",
            "multi-value",
            "bulk-memory",
            "reference-types",
            "extended-const",
            "simd",
            "relaxed-simd",
            "tail-call",
            "tail-call-indirect",
            "function-references",
            "gc-structs-and-arrays",
            "gc-i31",
            "gc-casts",
            "exceptions",
            "exceptions-exnref",
            "legacy-exceptions",
            "multi-memory",
            "memory64",
            "table64",
            "threads",
            "branch-hinting",
            "wide-arithmetic",
            "custom-page-sizes",
            "custom-descriptors",
            "stack-switching",
            "shared-everything-threads",
            "component-model",
            "component-model-async");

    private static final String BYTES = ";; ";

    private Proposals() {}

    /** The names of all modules: first those of the specification's versions, then those of other proposals. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * A module with an exercise that calls {@code f}.
     *
     * @throws IllegalArgumentException if no module has this name
     */
    public static CorpusModule module(String name) {
        String bytes = text(name).lines().findFirst().orElse("");
        return new CorpusModule(
                name, HexFormat.of().parseHex(bytes.substring(BYTES.length())), Exercise.parse("call f"));
    }

    /**
     * The module in the text format, with its bytes in the first line.
     *
     * @throws IllegalArgumentException if no module has this name
     */
    public static String text(String name) {
        try (var in = Proposals.class.getResourceAsStream("proposals/" + name + ".wat")) {
            if (in == null) {
                throw new IllegalArgumentException("proposal: expected one of " + NAMES + ", found " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
