package dev.precast.engine.chicory.run;

import com.dylibso.chicory.runtime.CompiledModule;
import dev.precast.artifact.ModuleDigest;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.testkit.corpus.ChicoryTranscript;
import dev.precast.testkit.corpus.Corpus;
import dev.precast.testkit.corpus.CorpusModule;
import dev.precast.testkit.corpus.JvmEngine;
import dev.precast.testkit.corpus.OddModules;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/**
 * A host in a JVM of its own: loads a module by its digest alone, without its bytes and without a compiler, and runs it.
 */
final class ChicoryHost {
    private ChicoryHost() {}

    /** @param args address of the service, file with the trust root, folder for the disk cache, name of the module */
    public static void main(String[] args) {
        CorpusModule module = OddModules.names().contains(args[3])
                ? OddModules.module(args[3])
                : Corpus.ofUser().module(args[3]).orElseThrow();
        System.out.println(hasCompiler() ? "a compiler is on the class path" : JvmEngine.NO_COMPILER);
        try (Precast<CompiledModule> precast = Precast.builder(new ChicoryLoader())
                .service(URI.create(args[0]))
                .trustRoot(Path.of(args[1]))
                .diskCache(Path.of(args[2]), 1L << 30)
                .onMiss(MissPolicy.fail())
                .build()) {
            CompiledModule loaded = precast.load(ModuleDigest.of(module.wasm()), () -> {
                throw new IOException("a host that has the artifact needs no wasm bytes");
            });
            ChicoryTranscript.of(module.exercise(), loaded.wasmModule(), loaded.machineFactory())
                    .forEach(System.out::println);
        }
    }

    private static boolean hasCompiler() {
        ClassLoader loader = ChicoryHost.class.getClassLoader();
        return loader.getResource("com/dylibso/chicory/compiler/MachineFactoryCompiler.class") != null
                || loader.getResource("com/dylibso/chicory/compiler/internal/Compiler.class") != null
                || loader.getResource("dev/precast/engine/chicory/compile/Main.class") != null
                || loader.getResource("org/objectweb/asm/ClassWriter.class") != null;
    }
}
