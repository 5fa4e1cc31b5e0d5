package dev.precast.engine.chicory.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Defines the class that generated code calls for what is not in the engine. The host brings it along, so it may use
 * all of the engine; generated code reaches it only through the allow-list. One for each module, as in the engine.
 */
final class HelperClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private static final String HELPER = ChicoryFormat.HELPER_CLASS.replace('/', '.');

    HelperClassLoader(ClassLoader engine) {
        super(engine);
    }

    /** The parent is not asked for the helper: it would look all over the class path, and what is found there is not ours. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.equals(HELPER)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            byte[] bytes = classBytes();
            return defineClass(name, bytes, 0, bytes.length);
        }
    }

    /** The host's own bytes of the class. */
    static byte[] classBytes() {
        try (InputStream in = HelperClassLoader.class.getResourceAsStream("helper.bin")) {
            if (in == null) {
                throw new IllegalStateException("the helper class is not beside " + HelperClassLoader.class);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("helper class", e);
        }
    }
}
