package dev.precast.engine.chicory.compile;

import dev.precast.attestation.RefusedException;
import dev.precast.engine.chicory.load.ClassVerifier;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Checks classes as hosts will, on a thread of its own while the compiler goes on: first by the format's rules, then
 * by this JVM's verifier. A class that fails and is not used in the end, because the compiler started over, does no
 * harm.
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
     * Waits for the checks of these classes.
     *
     * @throws RejectedException if one of them failed
     */
    void await(Map<String, byte[]> classes) throws RejectedException {
        for (byte[] bytes : classes.values()) {
            Future<@Nullable Void> result = results.get(bytes);
            if (result == null) {
                throw new IllegalStateException("a class was never submitted");
            }
            try {
                result.get();
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                if (cause instanceof RefusedException || cause instanceof LinkageError) {
                    throw new RejectedException(RejectedException.VERIFY, firstLine(cause.toString()), cause);
                }
                throw new IllegalStateException("class check failed", cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    private @Nullable Void check(String internalName, byte[] bytes) throws RefusedException, ClassNotFoundException {
        verifier.verify(internalName, bytes);
        Class<?> defined = new OneClass().define(bytes);
        // Initialising links, and linking verifies; generated classes have no initialiser that could run.
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

    /** Thrown away with its class, so that checked classes take no room. */
    private static final class OneClass extends ClassLoader {
        OneClass() {
            super(ClassChecks.class.getClassLoader());
        }

        Class<?> define(byte[] bytes) {
            return defineClass(null, bytes, 0, bytes.length);
        }
    }
}
