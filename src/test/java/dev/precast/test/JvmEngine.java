package dev.precast.test;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.testkit.corpus.CorpusModule;
import java.time.Duration;
import java.util.List;

/** An engine of the JVM, in this process and in hosts. What modules do is told in lines to compare. */
interface JvmEngine {
    /** A host prints this when no class of a compiler can be found. */
    String NO_COMPILER = "no compiler here";

    JvmEngine CHICORY = new ChicoryEngine();
    JvmEngine ENDIVE = new EndiveEngine();

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
     * @param wait for a compilation; zero expects that there was one
     */
    List<String> throughPrecast(CorpusModule module, LocalService service, Duration wait);

    /** The program that is a host. */
    Class<?> host();

    /** One class of each jar that a host has and this engine brought. */
    List<Class<?>> libraries();
}
