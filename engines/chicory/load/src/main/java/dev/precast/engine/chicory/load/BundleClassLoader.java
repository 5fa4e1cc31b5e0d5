package dev.precast.engine.chicory.load;

import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleReader;
import java.io.IOException;
import java.util.Optional;

/**
 * Defines the classes of one bundle when they are first touched: an entry is copied once, and that copy is hashed,
 * checked and defined. What lies outside the bundle it resolves only if generated code may name it.
 *
 * <p>Nothing but the module's own objects refers to it, so it goes when they go.
 */
final class BundleClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    /** Before JDK 18 a constructor that is called often gets an accessor class, which looks for its parents here. */
    private static final String REFLECTION = "jdk.internal.reflect.";

    private final BundleReader bundle;
    private final ClassVerifier verifier;
    private final HelperClassLoader helper;

    BundleClassLoader(String name, BundleReader bundle, ClassVerifier verifier, ClassLoader engine) {
        super(name, engine);
        this.bundle = bundle;
        this.verifier = verifier;
        this.helper = new HelperClassLoader(engine);
    }

    /**
     * The class that implements the engine's machine, verified and defined.
     *
     * @throws RefusedException if the bundle does not hold it, or holds what may not run
     */
    Class<?> mainClass() throws IOException, RefusedException {
        String name = ChicoryFormat.MAIN_CLASS;
        byte[] bytes = Entries.read(bundle, Entries.require(bundle, ChicoryFormat.CLASS_PREFIX + name));
        verifier.verify(name, bytes);
        try {
            synchronized (getClassLoadingLock(binaryName(name))) {
                return defineClass(binaryName(name), bytes, 0, bytes.length);
            }
        } catch (LinkageError e) {
            throw Entries.refuse(e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        String internal = name.replace('.', '/');
        if (OwnNames.isClass(internal)) {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                byte[] bytes = verified(name, internal);
                return defineClass(name, bytes, 0, bytes.length);
            }
        }
        if (!verifier.admitsType(internal) && !name.startsWith(REFLECTION)) {
            throw new ClassNotFoundException(name + " is nothing that a generated class may use");
        }
        return internal.equals(ChicoryFormat.HELPER_CLASS) ? helper.loadClass(name) : super.loadClass(name, resolve);
    }

    private byte[] verified(String name, String internal) throws ClassNotFoundException {
        Optional<BundleEntry> entry = bundle.index().find(ChicoryFormat.CLASS_PREFIX + internal);
        if (entry.isEmpty()) {
            throw new ClassNotFoundException(name + " is not in the bundle");
        }
        try {
            byte[] bytes = Entries.read(bundle, entry.get());
            verifier.verify(internal, bytes);
            return bytes;
        } catch (IOException | RefusedException e) {
            throw new ClassNotFoundException(name + ": " + e.getMessage(), e);
        }
    }

    private static String binaryName(String internalName) {
        return internalName.replace('/', '.');
    }
}
