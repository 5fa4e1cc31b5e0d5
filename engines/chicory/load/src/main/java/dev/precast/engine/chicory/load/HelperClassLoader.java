package dev.precast.engine.chicory.load;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Defines the helper class, which generated code calls for operations that the engine lacks. The class is part of the
 * host, so it may use the whole engine; generated code may use only its allowed members. Each module has its own copy
 * of the helper class, as in the engine.
 */
final class HelperClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    private static final String HELPER = ChicoryFormat.HELPER_CLASS.replace('/', '.');

    HelperClassLoader(ClassLoader engine) {
        super(engine);
    }

    /**
     * Does not ask the parent for the helper, because the parent would search the whole class path and could find
     * another class.
     */
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

    /** The class file of the helper. */
    static byte[] classBytes() {
        try (InputStream in = HelperClassLoader.class.getResourceAsStream("helper.bin")) {
            if (in == null) {
                throw new IllegalStateException(
                        "helper class: helper.bin not found next to " + HelperClassLoader.class);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("helper class: helper.bin cannot be read", e);
        }
    }
}
