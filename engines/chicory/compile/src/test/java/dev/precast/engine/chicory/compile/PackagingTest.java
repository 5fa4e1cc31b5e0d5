package dev.precast.engine.chicory.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.engine.chicory.load.ChicoryFormat;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Host programs in separate JVMs, packaged in each way, without any compiler on the class path. */
class PackagingTest {
    @TempDir
    private Path folder;

    private Path bundle;
    private Path large;
    private List<Path> libraries;

    @BeforeEach
    void prepare() throws IOException {
        bundle = Files.write(folder.resolve("bundle"), Artifact.compile(Modules.arithmetic()));
        large = Files.write(folder.resolve("large"), Artifact.compile(Modules.tooLarge(new byte[] {})));
        String separator = File.separator;
        libraries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(p -> p.contains(separator + "core" + separator)
                        || p.contains("precast-core")
                        || p.contains(separator + "load" + separator)
                        || p.contains("chicory-load")
                        || p.contains("jackson-core")
                        || p.contains(separator + "runtime" + separator)
                        || p.contains(separator + "wasm" + separator))
                .map(Path::of)
                .toList();
    }

    @Test
    void a_program_on_the_class_path_loads() throws Exception {
        Path classes = compile(path(libraries), HostProgram.write(folder.resolve("src")));

        runs(List.of("-cp", path(libraries) + File.pathSeparator + classes, "host.Main"), "unnamed module");
    }

    @Test
    void a_program_on_the_module_path_loads() throws Exception {
        Path source = folder.resolve("src");
        Path classes = compileModule(HostProgram.write(source), HostProgram.writeModule(source));

        runs(
                List.of("--module-path", path(libraries) + File.pathSeparator + classes, "--module", "host/host.Main"),
                "module com.dylibso.chicory.runtime and module dev.precast.engine.chicory.load");
    }

    @Test
    void a_program_in_one_jar_with_all_its_libraries_loads() throws Exception {
        Path classes = compile(path(libraries), HostProgram.write(folder.resolve("src")));
        List<Path> all = new ArrayList<>(libraries);
        all.add(classes);

        runs(List.of("-cp", merge(all).toString(), "host.Main"), "unnamed module");
    }

    private void runs(List<String> how, String where) throws Exception {
        String divided = run(how, bundle, "divide", "84");
        assertThat(divided)
                .startsWith("42 in ")
                .contains(where)
                .contains(ChicoryFormat.engineHash().toString());
        assertThat(run(how, large, "caller", "3")).startsWith(((3 + 20_000 * 12_345) >>> 1) + 1 + " in ");
    }

    private String run(List<String> how, Path artifact, String export, String argument) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(how);
        command.addAll(List.of(artifact.toString(), export, argument));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private Path compile(String classPath, Path... sources) throws IOException {
        return javac(List.of("-cp", classPath), sources);
    }

    private Path compileModule(Path... sources) throws IOException {
        // The annotations are needed to compile against the library, not to run.
        return javac(List.of("--module-path", path(libraries) + File.pathSeparator + path(annotations())), sources);
    }

    private Path javac(List<String> options, Path... sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Path classes = folder.resolve("classes");
        List<String> all = new ArrayList<>(options);
        all.addAll(List.of("-proc:none", "-d", classes.toString()));
        StringWriter messages = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            boolean ok = compiler.getTask(messages, files, null, all, null, files.getJavaFileObjects(sources))
                    .call();
            assertThat(ok).as(messages.toString()).isTrue();
        }
        return classes;
    }

    private Path merge(List<Path> parts) throws IOException {
        Path jar = folder.resolve("all.jar");
        Set<String> seen = new HashSet<>();
        try (OutputStream file = Files.newOutputStream(jar);
                ZipOutputStream out = new ZipOutputStream(file)) {
            for (Path part : parts) {
                if (Files.isDirectory(part)) {
                    try (Stream<Path> files = Files.walk(part)) {
                        for (Path f : files.filter(Files::isRegularFile).toList()) {
                            add(out, seen, part.relativize(f).toString().replace(File.separatorChar, '/'), f);
                        }
                    }
                } else {
                    try (ZipFile zip = new ZipFile(part.toFile())) {
                        for (ZipEntry entry :
                                zip.stream().filter(e -> !e.isDirectory()).toList()) {
                            try (InputStream in = zip.getInputStream(entry)) {
                                add(out, seen, entry.getName(), in.readAllBytes());
                            }
                        }
                    }
                }
            }
        }
        return jar;
    }

    private static void add(ZipOutputStream out, Set<String> seen, String name, Path file) throws IOException {
        add(out, seen, name, Files.readAllBytes(file));
    }

    private static void add(ZipOutputStream out, Set<String> seen, String name, byte[] bytes) throws IOException {
        if (seen.add(name)) {
            out.putNextEntry(new ZipEntry(name));
            out.write(bytes);
        }
    }

    private static List<Path> annotations() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(p -> p.contains("jspecify"))
                .map(Path::of)
                .toList();
    }

    private static String path(List<Path> parts) {
        return parts.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
