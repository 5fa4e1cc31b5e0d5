package dev.precast.bench;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.internal.ByteClassCollector;
import com.dylibso.chicory.compiler.internal.Compiler;
import com.dylibso.chicory.compiler.internal.CompilerResult;
import com.dylibso.chicory.wasm.Parser;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Compiles with Chicory's default settings, links every class so that the JVM verifies it, and writes the classes. */
final class DefaultCompile {
    private static final long STACK_BYTES = 512L << 20;

    private DefaultCompile() {}

    /** Arguments: {@code IN OUT}. */
    public static void main(String[] args) throws InterruptedException {
        int[] exit = {1};
        Thread worker = new Thread(
                null,
                () -> {
                    try {
                        compile(Path.of(args[0]), Path.of(args[1]));
                        exit[0] = 0;
                    } catch (IOException | ClassNotFoundException e) {
                        System.err.println("failed: " + e);
                    }
                },
                "compile",
                STACK_BYTES);
        worker.start();
        worker.join();
        Runtime.getRuntime().halt(exit[0]);
    }

    private static void compile(Path in, Path out) throws IOException, ClassNotFoundException {
        CompilerResult result = Compiler.builder(Parser.parse(Files.readAllBytes(in)))
                .withClassName("precast.Module")
                .withClassCollectorFactory(ByteClassCollector::new)
                .withInterpreterFallback(InterpreterFallback.SILENT)
                .build()
                .compile();
        Map<String, byte[]> classes = new HashMap<>();
        result.classBytes().forEach((name, bytes) -> classes.put(name.replace('/', '.'), bytes));
        Linker linker = new Linker(classes);
        for (String name : classes.keySet()) {
            Class.forName(name, true, linker);
        }
        try (DataOutputStream file = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(out)))) {
            for (byte[] bytes : classes.values()) {
                file.writeInt(bytes.length);
                file.write(bytes);
            }
        }
    }

    /**
     * Verifies classes by initialising them, which links and verifies a class. These classes have almost nothing to
     * initialise.
     */
    private static final class Linker extends ClassLoader {
        private final Map<String, byte[]> classes;

        Linker(Map<String, byte[]> classes) {
            super(DefaultCompile.class.getClassLoader());
            this.classes = classes;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            byte[] bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
