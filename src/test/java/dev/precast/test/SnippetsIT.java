package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.test.DocPage.Block;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs the pages. The Java, shell and Python blocks of one page form one script, which runs them in order in one
 * folder; each block must succeed. In a page that starts a service, the test replaces the usual ports by free ones. Any
 * other page gets the address of a running service and a module {@code app.wasm}. The Java blocks of a page are
 * compiled together, with the class path of a host and of the test kit. A block that is a JUnit test runs as a test. A
 * block that only declares types is not run; other blocks use its types. Any other block runs as the body of a main
 * method. {@code -Dprecast.test.page=NAME} runs only the pages whose path contains NAME.
 */
@Execution(ExecutionMode.CONCURRENT)
final class SnippetsIT {
    private static final long SECONDS = 300;
    private static final List<String> PORTS = List.of("8077", "8078", "8079", "4222", "7070");
    private static final Pattern TYPE =
            Pattern.compile("^(?:public |final |abstract )*(?:class|record|interface|enum) (\\w+)", Pattern.MULTILINE);
    private static final Pattern IMPORT = Pattern.compile("^import .*;$", Pattern.MULTILINE);

    /** A WASI command that prints a line. */
    private static final byte[] HELLO = Base64.getDecoder()
            .decode(
                    "AGFzbQEAAAABDAJgBH9/f38Bf2AAAAIjARZ3YXNpX3NuYXBzaG90X3ByZXZpZXcxCGZkX3dyaXRlAAADAgEBBQMBAAEHEwIGbWVtb3J5"
                            + "AgAGX3N0YXJ0AAEKDwENAEEBQQhBAUEAEAAaCwsjAQBBCAsdEAAAABUAAABoZWxsbyBmcm9tIHRoZSBmbGVldAo=");

    private static final List<String> SHARED = List.of("build", "deploy", "docs", "engines", "examples", "testkit");

    @TempDir
    private Path folder;

    @AfterEach
    void links_to_the_checkout_go_first() throws IOException {
        for (String shared : SHARED) {
            Files.deleteIfExists(folder.resolve(shared));
        }
    }

    static Stream<DocPage> pages() throws IOException {
        return DocPage.all().stream()
                .filter(page -> page.name().contains(System.getProperty("precast.test.page", "")))
                .filter(page -> page.blocks().stream().anyMatch(Block::runsHere));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void a_page_does_what_it_says(DocPage page) throws Exception {
        List<Block> blocks = page.blocks().stream().filter(Block::runsHere).toList();
        boolean ownService = blocks.stream().anyMatch(block -> block.code().contains("precast serve"));
        Map<String, String> ports = ownService ? freePorts() : Map.of("8077", port(LocalService.shared()));
        Path classes = compile(blocks, ports);
        prepare(ports.get("8077"));

        Files.writeString(folder.resolve("page.sh"), replaced(script(blocks, classes), ports));
        ProcessBuilder bash = new ProcessBuilder("bash", "page.sh")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(folder.resolve("page.log").toFile());
        environment(bash.environment(), ports.get("8077"), ownService);
        Process running = bash.start();
        boolean ended = running.waitFor(SECONDS, TimeUnit.SECONDS);
        running.descendants().forEach(ProcessHandle::destroyForcibly);
        running.destroyForcibly().waitFor();

        String said = Files.readString(folder.resolve("page.log")) + logs();
        assertThat(ended).as("%s ends within %d s:\n%s", page, SECONDS, said).isTrue();
        assertThat(running.exitValue()).as("%s:\n%s", page, said).isZero();
    }

    /** The last lines of what processes of the page have logged. */
    private String logs() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder, 2)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                List<String> lines = Files.readAllLines(log);
                text.append("--- ").append(folder.relativize(log)).append('\n');
                lines.subList(Math.max(0, lines.size() - 20), lines.size())
                        .forEach(line -> text.append(line).append('\n'));
            }
        }
        return text.toString();
    }

    /** The folder as a reader has it: the checkout's folders and command line, and a module. */
    private void prepare(String port) throws IOException {
        Path precast = folder.resolve("precast");
        Files.writeString(precast, """
                #!/bin/sh
                case "$*" in *--port*) ;; serve*) set -- "$@" --port %s ;; esac
                PRECAST_HOME=%s exec %s "$@"
                """.formatted(port, LocalService.HOME, String.join(" ", LocalService.COMMAND_LINE)));
        assertThat(precast.toFile().setExecutable(true)).isTrue();
        for (String shared : SHARED) {
            Files.createSymbolicLink(folder.resolve(shared), LocalService.HOME.resolve(shared));
        }
        Files.write(folder.resolve("app.wasm"), HELLO);
    }

    private void environment(Map<String, String> variables, String port, boolean ownService)
            throws IOException, InterruptedException {
        variables.keySet().removeIf(name -> name.startsWith("PRECAST_"));
        variables.put("PATH", folder + ":" + Path.of(LocalService.JAVA).getParent() + ":" + variables.get("PATH"));
        // Also for the servers that a page starts: they end before the optimizing compiler pays off.
        variables.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
        variables.put("XDG_DATA_HOME", folder.resolve("share").toString());
        variables.put("PRECAST_CACHE", folder.resolve("cache").toString());
        variables.put("PRECAST_URL", "http://127.0.0.1:" + port);
        if (!ownService) {
            variables.putAll(LocalService.shared().environment());
        }
    }

    private static Map<String, String> freePorts() throws IOException {
        Map<String, String> free = new HashMap<>();
        for (String port : PORTS) {
            free.put(port, Integer.toString(RealServer.freePort()));
        }
        return free;
    }

    private static String port(LocalService service) {
        return Integer.toString(service.address().getPort());
    }

    private static String replaced(String text, Map<String, String> ports) {
        String replaced = text;
        for (Map.Entry<String, String> port : ports.entrySet()) {
            replaced = replaced.replaceAll("\\b" + port.getKey() + "\\b", port.getValue());
        }
        return replaced;
    }

    /** All blocks in their order. The classes that Java blocks have become are run in their places. */
    private String script(List<Block> blocks, Path classes) throws IOException {
        StringBuilder script = new StringBuilder("""
                set -euo pipefail
                trap 'code=$?; trap - EXIT; for job in $(jobs -p | tac); do kill $job || :; wait $job || :; done; exit $code' EXIT
                """);
        for (Block block : blocks) {
            script.append("echo \"--- line ").append(block.line()).append(", after $SECONDS s\"\n");
            switch (block.language()) {
                case "sh" -> script.append(block.code());
                case "python" -> {
                    Path file = Files.writeString(folder.resolve("block" + block.line() + ".py"), block.code());
                    script.append("python3 ").append(file).append('\n');
                }
                default -> script.append(java(block, classes));
            }
        }
        return script.toString();
    }

    private static String java(Block block, Path classes) {
        Matcher type = TYPE.matcher(block.code());
        boolean declares = type.find();
        String java = "java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp " + classes + ":"
                + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")) + " ";
        if (!declares) {
            return java + mainClass(block) + "\n";
        }
        return block.code().contains("Contract {") ? java + JUnitRun.class.getName() + " " + type.group(1) + "\n" : "";
    }

    private static String mainClass(Block block) {
        return "Block" + block.line();
    }

    private Path compile(List<Block> blocks, Map<String, String> ports) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("java"));
        List<Path> files = new ArrayList<>();
        for (Block block : blocks) {
            if (block.language().equals("java")) {
                Matcher type = TYPE.matcher(block.code());
                boolean declares = type.find();
                String name = declares ? type.group(1) : mainClass(block);
                files.add(Files.writeString(
                        sources.resolve(name + ".java"), replaced(declares ? block.code() : main(block), ports)));
            }
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        if (!files.isEmpty()) {
            JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
            StringWriter said = new StringWriter();
            try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, UTF_8)) {
                List<String> options =
                        List.of("-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
                boolean compiled = javac.getTask(
                                said, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                        .call();
                assertThat(compiled).as(said.toString()).isTrue();
            }
        }
        return classes;
    }

    /** Statements as a program: imports first, the rest in a main method. */
    private static String main(Block block) {
        String imports = String.join(
                "\n",
                IMPORT.matcher(block.code())
                        .results()
                        .map(found -> found.group())
                        .toList());
        return imports + "\nfinal class " + mainClass(block)
                + " { public static void main(String[] args) throws Exception {\n"
                + IMPORT.matcher(block.code()).replaceAll("") + "}}\n";
    }
}
