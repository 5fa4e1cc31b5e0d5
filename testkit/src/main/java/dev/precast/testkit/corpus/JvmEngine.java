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
 * An engine of the JVM, in this process and in hosts. Results of modules are lines of text, so that they can be
 * compared. Engines are found by {@link ServiceLoader}.
 */
public interface JvmEngine {
    /** A host prints this if its class path contains no compiler. */
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

    /** The results of a module that this process compiles. */
    List<String> compiledHere(CorpusModule module);

    /** The results of an interpreted module. */
    List<String> interpreted(CorpusModule module);

    /**
     * The results of a module loaded from a service, without a disk cache.
     *
     * @param service address of the service
     * @param trustRoot file with the public key of the root
     * @param wait time limit for the compilation; zero if the module is compiled already
     */
    List<String> throughPrecast(CorpusModule module, URI service, Path trustRoot, Duration wait);

    /** The main class of a host. */
    Class<?> host();

    /** One class of each jar that a host needs for this engine. */
    List<Class<?>> libraries();
}
