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
 * What every compilation of a worker needs.
 *
 * @param config of the worker
 * @param signer gives the key that signs now
 * @param stores where modules come from and artifacts go to
 * @param events tells who waits
 * @param deadLetters what is given up
 * @param clock for records and back-off
 * @param aot makes packs start sooner
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

    /** Where folders of children are. */
    Path jobs() {
        return jobs(config);
    }

    /** Where output is that no child reaches by its name. */
    Path outputs() {
        return outputs(config);
    }

    static Path jobs(PrecompilerConfig config) {
        return config.work().resolve("jobs");
    }

    private static Path outputs(PrecompilerConfig config) {
        return config.work().resolve("out");
    }

    /** Makes the folders, and removes what an earlier worker left in them, running or lying. */
    static void prepare(PrecompilerConfig config) throws IOException {
        Supervision.killLeftOvers(jobs(config));
        for (Path folder : new Path[] {jobs(config), outputs(config)}) {
            Files.createDirectories(folder);
            ChildFolder.removeLeftOvers(folder);
        }
    }

    /** What a payload was compiled with, besides the pack. */
    static String runtime() {
        return "jdk " + Runtime.version();
    }
}
