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
 * An engine for the JVM that tests run in this process and in hosts. The results of modules are lines of text, so that
 * tests can compare them. {@link ServiceLoader} finds the engines.
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

    /** Compiles the module in this process and returns the results. */
    List<String> compiledHere(CorpusModule module);

    /** Interprets the module and returns the results. */
    List<String> interpreted(CorpusModule module);

    /**
     * Loads the module from a service, without a disk cache, and returns the results.
     *
     * @param service address of the service
     * @param data data folder of the service, with its trust root and local token
     * @param wait time limit for the compilation; zero if the module is compiled already
     */
    List<String> throughPrecast(CorpusModule module, URI service, Path data, Duration wait);

    /** The main class of a host that loads with this engine. */
    Class<?> host();

    /** One class of each jar that a host needs for this engine. */
    List<Class<?>> libraries();
}
