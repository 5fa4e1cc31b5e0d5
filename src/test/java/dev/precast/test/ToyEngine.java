package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Lane;
import dev.precast.pack.PackList;
import dev.precast.test.DocPage.Block;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The toy engine of {@code docs/how-to/add-an-engine.md}. Its files are the blocks of that page.
 *
 * @param home a folder laid out like a checkout
 */
record ToyEngine(Path home) {
    static final String PAGE = "docs/how-to/add-an-engine.md";

    /** Writes the files of the page to their places. */
    static ToyEngine write(Path home) throws IOException {
        DocPage page = DocPage.named(PAGE);
        for (Block block : page.blocks()) {
            if (block.file().isPresent()) {
                assertThat(page.text())
                        .as("the page shows the name of the file")
                        .contains("`" + block.file().get() + "`");
                Path file = home.resolve(block.file().get());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.code());
            }
        }
        return new ToyEngine(home);
    }

    /** The folder of packs. */
    Path packs() {
        return home.resolve("engines/target/packs");
    }

    /** The folder of jars in which the command line finds the engine. */
    Path run() {
        return home.resolve("engines/target/run/toy");
    }

    /** Builds pack and command line's folder as the build does, without Maven. */
    void build() throws IOException {
        Path pack = Files.createDirectories(packs().resolve("toy-1.0.0"));
        Path lib = Files.createDirectories(pack.resolve("lib"));
        String engine = Files.readString(home.resolve("engines/toy/compile/src/main/pack/engine.json"));
        Files.writeString(pack.resolve("engine.json"), engine.replace("@engine.version@", "1.0.0"));
        jar(lib.resolve("precast-engine-toy-load.jar"), compiled("load"), new Manifest());
        Manifest main = new Manifest();
        main.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.precast.engine.toy.compile.Main");
        main.getMainAttributes().put(Attributes.Name.CLASS_PATH, "precast-engine-toy-load.jar precast-core.jar");
        jar(lib.resolve("precast-engine-toy-compile.jar"), compiled("compile"), main);
        Path core = where(Lane.class);
        if (Files.isDirectory(core)) {
            jar(lib.resolve("precast-core.jar"), core, new Manifest());
        } else {
            Files.copy(core, lib.resolve("precast-core.jar"));
        }
        PackList.write(packs());
        Files.createDirectories(run());
        Files.copy(lib.resolve("precast-engine-toy-load.jar"), run().resolve("precast-engine-toy-load.jar"));
        jar(run().resolve("precast-engine-toy-run.jar"), compiled("run"), new Manifest());
    }

    /** The classes and resources of a module. */
    private Path compiled(String module) throws IOException {
        Path source = home.resolve("engines/toy").resolve(module).resolve("src/main");
        Path classes = Files.createDirectories(home.resolve("engines/toy").resolve(module + "/target/classes"));
        List<Path> files;
        try (Stream<Path> all = Files.walk(source.resolve("java"))) {
            files = all.filter(Files::isRegularFile).toList();
        }
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, UTF_8)) {
            String classPath = where(Lane.class) + ":" + home.resolve("engines/toy/load/target/classes");
            List<String> options =
                    List.of("--release", "17", "-Xlint:all", "-Werror", "-d", classes.toString(), "-cp", classPath);
            boolean done = javac.getTask(said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call();
            assertThat(done).as(said.toString()).isTrue();
        }
        Path services = source.resolve("resources/META-INF/services");
        if (Files.isDirectory(services)) {
            Path to = Files.createDirectories(classes.resolve("META-INF/services"));
            try (Stream<Path> all = Files.list(services)) {
                for (Path file : all.toList()) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
        return classes;
    }

    private static void jar(Path jar, Path classes, Manifest manifest) throws IOException {
        manifest.getMainAttributes().putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest);
                Stream<Path> all = Files.walk(classes)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                entries.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, entries);
            }
        }
    }

    private static Path where(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
