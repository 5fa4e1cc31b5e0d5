package dev.precast.bench;

import dev.precast.artifact.ModuleDigest;
import dev.precast.testkit.corpus.Corpus;
import dev.precast.testkit.corpus.CorpusModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The modules that each host of a fleet runs.
 *
 * @param files by digest
 * @param bytes all of them together
 */
record FleetModules(Map<ModuleDigest, Path> files, long bytes) {
    /** Chicory's compiler has no SIMD: those are rejected. */
    private static final String UNSUPPORTED = "-simd";

    /**
     * The smallest of the corpus that Chicory compiles; where they are too few, the same code again under other digests.
     *
     * @param largest size in bytes of those that take part
     * @param folder where the files are put
     */
    static FleetModules write(int count, long largest, Path folder) throws IOException {
        List<byte[]> corpus = new ArrayList<>(Corpus.names().reversed().stream()
                .filter(name -> !name.endsWith(UNSUPPORTED))
                .map(Corpus.ofUser()::module)
                .flatMap(Optional::stream)
                .map(CorpusModule::wasm)
                .filter(wasm -> wasm.length <= largest)
                .toList());
        if (corpus.isEmpty()) {
            throw new IOException("no module of the corpus is there: run testkit/corpus/fetch");
        }
        Files.createDirectories(folder);
        Map<ModuleDigest, Path> files = new LinkedHashMap<>();
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            byte[] wasm = corpus.get(i % corpus.size());
            byte[] module = i < corpus.size() ? wasm : CompileBenchCommand.variant(wasm, i / corpus.size());
            ModuleDigest digest = ModuleDigest.of(module);
            files.put(digest, Files.write(folder.resolve(digest.digest().hex() + ".wasm"), module));
            bytes += module.length;
        }
        return new FleetModules(files, bytes);
    }
}
