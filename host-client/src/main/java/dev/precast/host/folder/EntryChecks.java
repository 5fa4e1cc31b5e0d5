package dev.precast.host.folder;

import dev.precast.artifact.EngineId;
import dev.precast.attestation.RefusedException;
import java.util.Optional;
import java.util.Set;

/** What load sides of engines check of the entries of a bundle. */
public interface EntryChecks {
    /**
     * The checks of one engine; empty if its load side is not here.
     *
     * @param moreMembers of the engine that the policy lets classes refer to
     */
    Optional<EntryCheck> of(EngineId engine, Set<String> moreMembers);

    /** Checks the entries of a bundle, one by one. */
    interface EntryCheck {
        /**
         * Checks one entry.
         *
         * @return whether the entry is a class
         * @throws RefusedException if the entry is a class that may not run
         */
        boolean verify(String entry, byte[] bytes) throws RefusedException;
    }
}
