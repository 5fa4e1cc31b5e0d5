package dev.precast.engine.chicory.load;

import dev.precast.attestation.RefusedException;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleReader;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Defines each class of one bundle at its first use: copies the class's entry once, then hashes, checks and defines the
 * copy. Resolves a class outside the bundle only if generated code may refer to it.
 *
 * <p>Only the module's own objects refer to the loader, so it is garbage collected with them.
 */
final class BundleClassLoader extends ClassLoader {
    static {
        registerAsParallelCapable();
    }

    /**
     * Before JDK 18, the JVM generates an accessor class for a frequently called constructor; the name of its
     * superclass has this prefix.
     */
    private static final String REFLECTION = "jdk.internal.reflect.";

    private final BundleReader bundle;
    private final ClassVerifier verifier;
    private final HelperClassLoader helper;
    private final Consumer<RefusedException> broken;

    /** @param broken gets the reason if a class fails a check at its first use */
    BundleClassLoader(
            String name,
            BundleReader bundle,
            ClassVerifier verifier,
            ClassLoader engine,
            Consumer<RefusedException> broken) {
        super(name, engine);
        this.bundle = bundle;
        this.verifier = verifier;
        this.broken = broken;
        this.helper = new HelperClassLoader(engine);
    }

    /**
     * Verifies and defines the class that implements the engine's machine.
     *
     * @throws RefusedException if the class is missing in the bundle or fails a check
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
                defineClass(name, bytes, 0, bytes.length);
            }
            // Without the lock: linking may load other classes.
            return linked(name);
        }
        if (!verifier.admitsType(internal) && !name.startsWith(REFLECTION)) {
            throw new ClassNotFoundException(name + ": generated classes may not use this class");
        }
        return internal.equals(ChicoryFormat.HELPER_CLASS) ? helper.loadClass(name) : super.loadClass(name, resolve);
    }

    /** Links a defined class, so that an error of the JVM's verifier is noticed here. */
    private Class<?> linked(String name) throws ClassNotFoundException {
        try {
            return Class.forName(name, true, this);
        } catch (LinkageError e) {
            broken.accept(Entries.refuse(e));
            throw e;
        }
    }

    private byte[] verified(String name, String internal) throws ClassNotFoundException {
        Optional<BundleEntry> entry = bundle.index().find(ChicoryFormat.CLASS_PREFIX + internal);
        if (entry.isEmpty()) {
            throw new ClassNotFoundException(name + ": not found in the bundle");
        }
        try {
            byte[] bytes = Entries.read(bundle, entry.get());
            verifier.verify(internal, bytes);
            return bytes;
        } catch (RefusedException e) {
            broken.accept(e);
            throw new ClassNotFoundException(name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ClassNotFoundException(name + ": " + e.getMessage(), e);
        }
    }

    private static String binaryName(String internalName) {
        return internalName.replace('/', '.');
    }
}
