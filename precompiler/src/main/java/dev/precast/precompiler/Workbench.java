package dev.precast.precompiler;

import dev.precast.attestation.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * The dependencies of a worker's compilations.
 *
 * @param config the worker's configuration
 * @param signer supplies the current signing key
 * @param stores stores of modules and artifacts
 * @param messages events, dead letters and what other workers announce
 * @param clock for records and back-off
 * @param aot AOT caches of packs
 * @param left delays of requests that this worker leaves to others
 */
record Workbench(
        PrecompilerConfig config,
        Supplier<SigningKey> signer,
        Precompiler.Stores stores,
        Precompiler.Messages messages,
        InstantSource clock,
        AotCaches aot,
        LeftToOthers left) {
    /** Creates the folders. Kills processes and deletes files that an earlier worker left. */
    static void prepare(PrecompilerConfig config) throws IOException {
        Supervision.killLeftOvers(config.jobs());
        for (Path folder : List.of(config.jobs(), config.outputs())) {
            Files.createDirectories(folder);
            LeftOvers.of(folder).deleteAllIn(folder);
        }
        LeftOvers.of(config.jobs()).retry();
    }
}
