package dev.precast.engine.chicory.compile;

import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ClassVerifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Checks generated classes as a host does: first by the format's rules, then by the JVM's verifier. Runs on a separate
 * thread while the compiler continues. Ignores failures of classes that the compiler discarded when it started over.
 */
final class ClassChecks implements AutoCloseable {
    private final ClassVerifier verifier = ClassVerifier.ofFormat();
    private final Map<byte[], Future<@Nullable Void>> results = Collections.synchronizedMap(new IdentityHashMap<>());
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread t = new Thread(task, "class-checks");
        t.setDaemon(true);
        return t;
    });

    void submit(String internalName, byte[] bytes) {
        results.put(bytes, thread.submit(() -> check(internalName, bytes)));
    }

    /**
     * Waits for the checks of these classes, and checks their calls of each other.
     *
     * @throws CompilerFailedException if a check failed
     */
    void await(Map<String, byte[]> classes) throws CompilerFailedException {
        for (byte[] bytes : classes.values()) {
            Future<@Nullable Void> result = results.get(bytes);
            if (result == null) {
                throw new IllegalStateException("class checks: a class was not submitted before await");
            }
            try {
                result.get();
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                if (cause instanceof RefusedException || cause instanceof LinkageError) {
                    throw new CompilerFailedException(RejectedException.VERIFY, firstLine(cause.toString()), cause);
                }
                throw new IllegalStateException("class checks: a check ended with an unexpected exception", cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("class checks: interrupted", e);
            }
        }
        Optional<String> missing = OwnCalls.missing(classes);
        if (missing.isPresent()) {
            throw new CompilerFailedException(RejectedException.VERIFY, missing.get(), null);
        }
    }

    private @Nullable Void check(String internalName, byte[] bytes) throws RefusedException, ClassNotFoundException {
        verifier.verify(internalName, bytes);
        Class<?> defined = new OneClass().define(bytes);
        // Initialisation links and verifies the class. Generated classes have no static initialiser, so no code runs.
        Class.forName(defined.getName(), true, defined.getClassLoader());
        return null;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** A loader for one class, so that a class can be garbage collected after its check. */
    private static final class OneClass extends ClassLoader {
        OneClass() {
            super(ClassChecks.class.getClassLoader());
        }

        Class<?> define(byte[] bytes) {
            return defineClass(null, bytes, 0, bytes.length);
        }
    }
}
