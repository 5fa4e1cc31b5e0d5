package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.Cache;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Implements the engine's cache interface with Precast, for hosts that keep using the engine's compiler.
 *
 * <pre>{@code
 * Precast<byte[]> jars = Precast.builder(new ClassJarLoader()).service(uri).trustRoot(root).diskCache(folder, bytes)
 *         .onMiss(MissPolicy.fail()).build();
 * MachineFactoryCompiler.builder(module)
 *         .withCache(new PrecastCache(m -> jars.load(m, () -> Files.readAllBytes(file))));
 * }</pre>
 *
 * <p>The interface has limits. The host still parses the whole module, with its code. All classes are defined and
 * verified at once. The engine passes only the module's digest as key, so this cache suits hosts that use the
 * compiler's default options. Modules that this host compiles are not stored, because only workers sign artifacts.
 *
 * <p>Thread safe if the function is thread safe.
 */
public final class PrecastCache implements Cache {
    private static final String SHA256 = "sha-256:";

    private final Function<ModuleDigest, byte @Nullable []> jars;

    /**
     * @param jars returns the jar of a module's classes in the form of
     *     {@link dev.precast.engine.chicory.load.ClassJarLoader}; returns null or throws if there is none
     */
    public PrecastCache(Function<ModuleDigest, byte @Nullable []> jars) {
        this.jars = jars;
    }

    /** The jar of the module's classes; null if the engine must compile. */
    @Override
    public byte @Nullable [] get(String key) {
        if (!key.startsWith(SHA256)) {
            return null;
        }
        try {
            byte[] raw = Base64.getDecoder().decode(key.substring(SHA256.length()));
            return jars.apply(new ModuleDigest(Digest.ofRaw(raw)));
        } catch (RuntimeException e) {
            return null;
        }
    }

    /** Does nothing. */
    @Override
    public void putIfAbsent(String key, byte[] data) {}
}
