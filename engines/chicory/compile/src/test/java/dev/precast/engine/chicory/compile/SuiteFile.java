package dev.precast.engine.chicory.compile;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A file of the official test suite, as {@code testkit/suite/fetch} converts it.
 *
 * @param name its set and name, such as {@code wasm-latest/call}
 * @param json the file with its commands; the modules are beside it
 */
record SuiteFile(String name, Path json) {
    /** Where {@code testkit/suite/fetch} puts the suite. */
    static Path folder() {
        return AllowListTest.cache("PRECAST_SUITE", "suite");
    }

    /**
     * The files of the latest version, then those of proposals, then those of older versions. A file whose modules are all in
     * files before it is left out, since its commands are too.
     */
    static List<SuiteFile> all() throws IOException {
        Path suite = folder();
        if (!Files.exists(suite.resolve("done"))) {
            throw new IOException(suite + ": the test suite is missing; run testkit/suite/fetch");
        }
        List<SuiteFile> files = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(suite)) {
            paths.filter(path -> path.toString().endsWith(".json"))
                    .map(path -> new SuiteFile(
                            suite.relativize(path.resolveSibling("")).toString(), path))
                    .sorted(Comparator.comparing(
                                    (SuiteFile file) -> !file.name().startsWith("wasm-latest"))
                            .thenComparing(SuiteFile::name))
                    .forEach(files::add);
        }
        Set<Digest> seen = new HashSet<>();
        List<SuiteFile> kept = new ArrayList<>();
        for (SuiteFile file : files) {
            if (seen.addAll(file.modules())) {
                kept.add(file);
            }
        }
        return kept;
    }

    /** The commands in order, without those on modules in text form. */
    List<SuiteCommand> commands() throws IOException {
        return Json.parse(Files.readAllBytes(json)).asObject(name).array("commands").stream()
                .map(command -> SuiteCommand.parse(command.asObject("command"), json.resolveSibling("")))
                .flatMap(Optional::stream)
                .toList();
    }

    private Set<Digest> modules() throws IOException {
        Set<Digest> modules = new HashSet<>();
        try (Stream<Path> paths = Files.list(json.resolveSibling(""))) {
            for (Path path : paths.filter(p -> p.toString().endsWith(".wasm")).toList()) {
                modules.add(Digest.of(Files.readAllBytes(path)));
            }
        }
        return modules;
    }

    @Override
    public String toString() {
        return name;
    }
}
