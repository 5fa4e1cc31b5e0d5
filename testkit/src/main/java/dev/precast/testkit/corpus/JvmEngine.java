package dev.precast.testkit.corpus;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;

/**
 * An engine of the JVM, in this process and in hosts. What modules do is told in lines to compare. Engines are found by
 * {@link ServiceLoader}.
 */
public interface JvmEngine {
    /** A host prints this when no class of a compiler can be found. */
    String NO_COMPILER = "no compiler here";

    /** @throws IllegalArgumentException if no engine of that name is on the class path */
    static JvmEngine named(String name) {
        return ServiceLoader.load(JvmEngine.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(engine -> engine.lane().engine().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("engine " + name + ": not on the class path"));
    }

    /** The lane whose artifacts this process loads. */
    LaneId lane();

    default ArtifactKey key(byte[] wasm) {
        return lane().key(ModuleDigest.of(wasm));
    }

    /** What it does when this process compiles it. */
    List<String> compiledHere(CorpusModule module);

    /** What it does interpreted. */
    List<String> interpreted(CorpusModule module);

    /**
     * What it does loaded from a service, without a disk cache.
     *
     * @param service address of the service
     * @param trustRoot file with the public key of the root
     * @param wait for a compilation; zero expects that there was one
     */
    List<String> throughPrecast(CorpusModule module, URI service, Path trustRoot, Duration wait);

    /** The program that is a host. */
    Class<?> host();

    /** One class of each jar that a host has and this engine brought. */
    List<Class<?>> libraries();
}
