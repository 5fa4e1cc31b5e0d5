package dev.precast.bench;

import com.dylibso.chicory.build.time.compiler.Config;
import com.dylibso.chicory.build.time.compiler.Generator;
import com.dylibso.chicory.compiler.InterpreterFallback;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Compiles a module into a jar with Chicory's build-time compiler, as the build of a Chicory user does. */
final class BuildTime {
    private BuildTime() {}

    /** Arguments: {@code FILE JAR}. Run this in a separate JVM, because the compiler needs much memory. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        Path jar = Path.of(args[1]);
        Path classes = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "classes");
        Generator generator = new Generator(Config.builder()
                .withWasmFile(file)
                .withName(ChicoryWays.BUILT)
                .withTargetClassFolder(classes)
                .withTargetSourceFolder(classes)
                .withTargetWasmFolder(classes)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .withInterpretedFunctions(Set.of())
                .build());
        generator.generateMetaWasm(generator.generateResources());
        pack(classes, jar);
    }

    private static void pack(Path folder, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> walk = Files.walk(folder)) {
            List<Path> files = walk.filter(Files::isRegularFile).sorted().toList();
            for (Path each : files) {
                out.putNextEntry(new JarEntry(folder.relativize(each).toString().replace('\\', '/')));
                Files.copy(each, out);
                out.closeEntry();
            }
        }
    }
}
