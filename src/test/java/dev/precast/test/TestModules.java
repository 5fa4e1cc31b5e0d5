package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.bench.corpus.Corpus;
import dev.precast.bench.corpus.CorpusModule;
import dev.precast.bench.corpus.OddModules;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The modules that the tests run, and what they do in this process without Precast. */
final class TestModules {
    /** Ways of the interpreter and of smaller classes differ in nothing but time, and these compile faster. */
    private static final int FUNCTIONS_A_CLASS = 100;

    private TestModules() {}

    /**
     * A module of the corpus or an odd one. Real modules come from npm: where that is not installed their tests are left
     * out, where it is, a module that cannot be fetched is a failure.
     */
    static CorpusModule named(String name) throws IOException, InterruptedException {
        if (OddModules.names().contains(name)) {
            return OddModules.module(name);
        }
        if (Corpus.ofUser().module(name).isEmpty()) {
            fetch(name);
        }
        return Corpus.ofUser().module(name).orElseThrow();
    }

    private static void fetch(String name) throws IOException, InterruptedException {
        Assumptions.assumeTrue(onPath("npm"), "npm is not installed, so " + name + " is not here");
        Process fetch = new ProcessBuilder(
                        LocalService.HOME.resolve("bench/corpus/fetch").toString(), name)
                .redirectErrorStream(true)
                .start();
        String said = new String(fetch.getInputStream().readAllBytes(), UTF_8);
        if (fetch.waitFor() != 0) {
            throw new IllegalStateException("bench/corpus/fetch " + name + ": " + said);
        }
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** What it does when this process compiles it. */
    static List<String> compiledHere(CorpusModule module) {
        WasmModule parsed = Parser.parse(module.wasm());
        return module.exercise()
                .run(
                        parsed,
                        MachineFactoryCompiler.builder(parsed)
                                .withMaxFunctionsPerClass(FUNCTIONS_A_CLASS)
                                .withInterpreterFallback(InterpreterFallback.SILENT)
                                .compile());
    }

    /** What it does interpreted. */
    static List<String> interpreted(CorpusModule module) {
        return module.exercise().run(Parser.parse(module.wasm()), null);
    }
}
