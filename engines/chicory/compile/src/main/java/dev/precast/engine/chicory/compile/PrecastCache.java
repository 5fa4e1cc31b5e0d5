package dev.precast.engine.chicory.compile;

import com.dylibso.chicory.compiler.Cache;
import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own cache hook, answered from Precast: the way in of one line for hosts that use the engine's compiler and
 * want to go on doing so.
 *
 * <pre>{@code
 * Precast<byte[]> jars = Precast.builder(new ClassJarLoader()).service(uri).trustRoot(root).diskCache(folder, bytes)
 *         .onMiss(MissPolicy.fail()).build();
 * MachineFactoryCompiler.builder(module).withCache(new PrecastCache(m -> jars.load(m, () -> Files.readAllBytes(file))));
 * }</pre>
 *
 * <p>Its limits are the hook's. The module is still parsed whole, code included, by the host. All classes are defined
 * and verified at once. The key is the module's digest alone, so what was compiled with other options than the default
 * profile's is used too, and so the hook suits hosts that set none. What this host compiles itself is not kept: only
 * builders sign.
 *
 * <p>Thread safe if the function is.
 */
public final class PrecastCache implements Cache {
    private static final String SHA256 = "sha-256:";

    private final Function<ModuleDigest, byte @Nullable []> jars;

    /**
     * @param jars gives the jar of a module's classes, as {@link dev.precast.engine.chicory.load.ClassJarLoader} makes it;
     *     null, or any exception, if there is none
     */
    public PrecastCache(Function<ModuleDigest, byte @Nullable []> jars) {
        this.jars = jars;
    }

    /** The module's classes, or null: then the engine compiles. */
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

    /** Keeps nothing. */
    @Override
    public void putIfAbsent(String key, byte[] data) {}
}
