package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import dev.precast.artifact.Digest;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.testing.Scale;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnJre;
import org.junit.jupiter.api.condition.JRE;

/**
 * The verifier's lists name exactly what the compiler writes for the modules of the specification's test suite, the
 * corpus and {@link Modules}, each compiled by default and with every function interpreted. The fast tier compiles only
 * {@link Modules} and finds no class that needs more. Run the full tier with {@code
 * -Dlists.write=FOLDER} to write the lists there.
 */
@Tag("engines")
@DisabledOnJre(value = JRE.JAVA_17, disabledReason = "the compiled bytes are the same on every JDK, see SameBytesTest")
final class AllowListTest {
    private static final int LARGEST = 4_000_000;
    static final boolean FULL = Scale.of(0, 1) == 1;

    @Test
    void the_lists_name_exactly_what_generated_classes_use() throws Exception {
        CodeLists used = new CodeLists();
        for (byte[] wasm : modules()) {
            WasmModule module;
            try {
                module = Parser.parse(wasm);
            } catch (RuntimeException e) {
                continue;
            }
            int imported = module.importSection().count(ExternalType.FUNCTION);
            int functions = module.functionSection().functionCount();
            TreeSet<Integer> all = new TreeSet<>();
            for (int i = 0; i < Math.min(functions, 1_000); i++) {
                all.add(imported + i);
            }
            add(used, module, new TreeSet<>());
            if (!all.isEmpty() && wasm.length < 100_000) {
                add(used, module, all);
            }
        }
        String folder = System.getProperty("lists.write");
        if (folder != null) {
            Files.write(Path.of(folder, "allowed-members.txt"), used.memberLines());
            Files.write(Path.of(folder, "allowed-code.txt"), used.code);
        }

        assertThat(lines("allowed-members.txt")).containsAll(used.memberLines());
        assertThat(lines("allowed-code.txt")).containsAll(used.code);
        if (FULL) {
            assertThat(lines("allowed-members.txt")).containsExactlyElementsOf(used.memberLines());
            assertThat(lines("allowed-code.txt")).containsExactlyElementsOf(used.code);
        }
    }

    private static void add(CodeLists used, WasmModule module, TreeSet<Integer> interpreted) {
        Map<String, byte[]> classes = new TreeMap<>();
        try {
            ModuleCompiler.generate(module, 50, interpreted, ByteClassCollector::new)
                    .classBytes()
                    .forEach((name, bytes) -> classes.put(name.replace('.', '/'), bytes));
        } catch (RuntimeException e) {
            // Modules that the compiler does not support have no classes.
            return;
        }
        classes.remove(ChicoryFormat.HELPER_CLASS);
        classes.replaceAll(Rewriting::apply);
        used.addAll(classes);
    }

    private static Collection<byte[]> modules() throws IOException {
        List<byte[]> modules = new ArrayList<>(Modules.all().values());
        Set<Digest> seen = new HashSet<>();
        modules.add(Modules.manyOfOneType());
        if (!FULL) {
            return modules;
        }
        modules.add(Modules.manyTypes());
        modules.add(Modules.manyReferences());
        for (Path folder : List.of(cache("PRECAST_SUITE", "suite"), cache("PRECAST_CORPUS", "corpus"))) {
            assertThat(folder).as("run testkit/%s/fetch", folder.getFileName()).isDirectory();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(f -> f.toString().endsWith(".wasm"))
                        .sorted()
                        .toList()) {
                    byte[] wasm = Files.size(file) < LARGEST ? Files.readAllBytes(file) : new byte[0];
                    if (seen.add(Digest.of(wasm))) {
                        modules.add(wasm);
                    }
                }
            }
        }
        return modules;
    }

    static Path cache(String variable, String name) {
        String set = System.getenv(variable);
        return set != null ? Path.of(set) : Path.of(System.getProperty("user.home"), ".cache", "precast", name);
    }

    private static List<String> lines(String resource) throws IOException {
        try (InputStream in = ChicoryFormat.class.getResourceAsStream(resource)) {
            return Arrays.asList(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n"));
        }
    }
}
