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

    HelperClassLoader(ClassLoader engine) {
        super(engine);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (!name.equals(ChicoryFormat.HELPER_CLASS.replace('/', '.'))) {
            throw new ClassNotFoundException(name);
        }
        byte[] bytes = classBytes();
        return defineClass(name, bytes, 0, bytes.length);
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
