package dev.precast.load;

import dev.precast.artifact.EngineId;
import dev.precast.attestation.RefusedException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * An engine for programs such as {@code precast run}, whose users choose an engine by name. These programs find
 * providers with {@link java.util.ServiceLoader}; a host that is built for one engine creates that engine's loader
 * directly.
 *
 * <p>Implementations are thread safe.
 *
 * @param <M> the engine's own type of a loaded module
 */
public interface EngineProvider<M> {
    /** The engine's name, such as {@code chicory}. */
    String name();

    /** The engine whose artifacts {@link #open} loads; empty if the version depends on a native library. */
    Optional<EngineId> engine();

    /**
     * Makes the engine's load side.
     *
     * @throws IllegalArgumentException if an option is not valid; the message says what was expected
     * @throws IOException if a native library cannot be found
     */
    EngineLoader<M> open(EngineOptions options) throws IOException;

    /**
     * Runs a WASI command to its end.
     *
     * @return the command's exit code
     * @throws ProgramException if the module is not a WASI command, cannot be instantiated, or traps
     */
    int run(M module, WasiProgram program) throws ProgramException;

    /**
     * The check that the load side makes of each entry of a bundle before it uses the entry.
     *
     * @param engine the engine of the artifact
     * @param extraMembers members of runtime classes that the policy allows in addition to the format's allow-list
     * @return the check; empty if this provider has another engine, or the engine has no such check
     */
    default Optional<EntryCheck> entryCheck(EngineId engine, Set<String> extraMembers) {
        return Optional.empty();
    }

    /** Checks entries of a bundle, one by one. */
    @FunctionalInterface
    interface EntryCheck {
        /**
         * Checks one entry.
         *
         * @return whether the entry is a class
         * @throws RefusedException if it is a class that may not run
         */
        boolean verify(String entry, byte[] bytes) throws RefusedException;
    }
}
