package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.launcher.Installation;
import dev.precast.load.EngineProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The engines that this command line can load: those on its class path, and those in the subfolders of
 * {@link Installation#engines}. Each subfolder has its own class loader, so engines may need different versions of a
 * library.
 */
record Engines(List<EngineProvider<?>> all) {
    static Engines find(Surroundings around) {
        List<EngineProvider<?>> all = new ArrayList<>(in(EngineProvider.class.getClassLoader()));
        Optional<Path> folder =
                around.findInstallation().map(Installation::engines).filter(Files::isDirectory);
        if (folder.isPresent()) {
            try (DirectoryStream<Path> engines = Files.newDirectoryStream(folder.get(), Files::isDirectory)) {
                for (Path engine : engines) {
                    all.addAll(in(new URLClassLoader(jars(engine), EngineProvider.class.getClassLoader())));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("engines in " + folder.get() + ": cannot be read: " + e.getMessage(), e);
            }
        }
        return new Engines(List.copyOf(all));
    }

    private static URL[] jars(Path folder) throws IOException {
        List<URL> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path file : files) {
                jars.add(file.toUri().toURL());
            }
        }
        return jars.toArray(URL[]::new);
    }

    private static List<EngineProvider<?>> in(ClassLoader loader) {
        List<EngineProvider<?>> found = new ArrayList<>();
        for (EngineProvider<?> engine : ServiceLoader.load(EngineProvider.class, loader)) {
            if (loader.equals(engine.getClass().getClassLoader())) {
                found.add(engine);
            }
        }
        return found;
    }

    /**
     * The engine that a user asked for.
     *
     * @param asked a name, optionally with a version, or a version and a revision
     */
    EngineProvider<?> named(String asked) {
        return all.stream()
                .filter(engine -> engine.engine()
                        .map(id -> LaneChoice.fits(asked, id.toString()))
                        .orElse(asked.equals(engine.name()) || asked.startsWith(engine.name() + "@")))
                .findFirst()
                .orElseThrow(() -> new CommandFailed(
                        Exit.NOT_FOUND,
                        "engine-not-loadable",
                        "engine " + asked + ": unknown (expected one of "
                                + all.stream()
                                        .map(engine -> engine.engine()
                                                .map(EngineId::toString)
                                                .orElse(engine.name()))
                                        .sorted()
                                        .collect(Collectors.joining(", "))
                                + "); to build missing engines, run ./mvnw -DskipTests package"));
    }

    /**
     * The check of bundle entries by the load side of {@code engine}; empty if this command line cannot load the
     * engine.
     */
    Optional<EngineProvider.EntryCheck> entryCheck(EngineId engine, Set<String> extraMembers) {
        return all.stream()
                .flatMap(each -> each.entryCheck(engine, extraMembers).stream())
                .findFirst();
    }
}
