package dev.precast.bench;

import dev.precast.artifact.ModuleDigest;
import dev.precast.testkit.corpus.Corpus;
import dev.precast.testkit.corpus.CorpusModule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The modules that each host of a fleet runs.
 *
 * @param files the files by digest
 * @param bytes total size of the files
 */
record FleetModules(Map<ModuleDigest, Path> files, long bytes) {
    /** Suffix of the names of modules with SIMD, which Chicory's compiler does not support. */
    private static final String UNSUPPORTED = "-simd";

    /**
     * Selects the smallest modules of the corpus that Chicory compiles. If there are too few, adds variants of them,
     * with the same code but other digests.
     *
     * @param largest maximum size of a module in bytes
     * @param folder folder for the files
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
            throw new IOException("corpus: no modules found; run testkit/corpus/fetch");
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

    /** The modules in an order of the host's own: each host starts with another one. */
    List<ModuleDigest> order(int host) {
        List<ModuleDigest> order = new ArrayList<>(files.keySet());
        Collections.rotate(order, -host);
        return order;
    }

    /** @throws IllegalArgumentException if there is no such module */
    Path file(ModuleDigest module) {
        Path file = files.get(module);
        if (file == null) {
            throw new IllegalArgumentException("module " + module + ": not in the list of modules");
        }
        return file;
    }
}
