package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.attestation.RefusedException;
import dev.precast.load.EngineLoader;
import java.util.List;
import java.util.Set;

/**
 * An engine whose load side this command line has.
 *
 * @param <M> the engine's own type of a loaded module
 */
interface HostEngine<M> {
    List<HostEngine<?>> ALL = List.of(new ChicoryHostEngine(), new EndiveHostEngine());

    /** The engine, its version, and the pack whose artifacts it loads. */
    EngineId id();

    EngineLoader<M> loader();

    /**
     * Runs {@code _start} of a WASI preview 1 command.
     *
     * @return the program's exit code
     * @throws CommandFailed if it traps, or is no such command
     */
    int run(M module, WasiProgram program);

    /**
     * What the load side checks of a class before it defines it.
     *
     * @param moreMembers of the engine that the policy lets classes refer to
     */
    ClassCheck classCheck(Set<String> moreMembers);

    /** Checks the classes of a bundle, one by one. */
    interface ClassCheck {
        /**
         * Looks at one entry.
         *
         * @return whether it is a class
         * @throws RefusedException if it is one that may not run
         */
        boolean verify(String entry, byte[] bytes) throws RefusedException;
    }
}
