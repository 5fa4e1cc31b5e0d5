package dev.precast.precompiler;

import dev.precast.attestation.SigningKey;
import dev.precast.cache.event.CompileEvents;
import dev.precast.cache.queue.DeadLetters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * The dependencies of a worker's compilations.
 *
 * @param config of the worker
 * @param signer supplies the current signing key
 * @param stores stores of modules and artifacts
 * @param events events for waiting clients
 * @param deadLetters requests that the worker gives up
 * @param clock for records and back-off
 * @param aot AOT caches of packs
 */
record Workbench(
        PrecompilerConfig config,
        Supplier<SigningKey> signer,
        Precompiler.Stores stores,
        CompileEvents events,
        DeadLetters deadLetters,
        InstantSource clock,
        AotCaches aot) {
    SigningKey key() {
        return signer.get();
    }

    /** The folder for children's folders. */
    Path jobs() {
        return jobs(config);
    }

    /** The folder for outputs, which children cannot reach. */
    Path outputs() {
        return outputs(config);
    }

    static Path jobs(PrecompilerConfig config) {
        return config.work().resolve("jobs");
    }

    private static Path outputs(PrecompilerConfig config) {
        return config.work().resolve("out");
    }

    /** Creates the folders. Kills processes and deletes files that an earlier worker left. */
    static void prepare(PrecompilerConfig config) throws IOException {
        Supervision.killLeftOvers(jobs(config));
        for (Path folder : new Path[] {jobs(config), outputs(config)}) {
            Files.createDirectories(folder);
            ChildFolder.removeLeftOvers(folder);
        }
    }

    /** The runtime for attestations: the JDK's version. */
    static String runtime() {
        return "jdk " + Runtime.version();
    }
}
