package dev.precast.host.folder;

import dev.precast.artifact.EngineId;
import dev.precast.load.EngineProvider.EntryCheck;
import java.util.Optional;
import java.util.Set;

/** Checks of bundle entries by the engines' load sides. */
@FunctionalInterface
public interface EntryChecks {
    /**
     * The check of one engine; empty if its load side is not available.
     *
     * @param extraMembers runtime members that the policy allows classes to refer to, in addition to the engine's own
     *     list
     */
    Optional<EntryCheck> of(EngineId engine, Set<String> extraMembers);
}
