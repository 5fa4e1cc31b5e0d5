package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.host.folder.EntryChecks;
import dev.precast.load.EngineLoader;
import java.util.List;
import java.util.Optional;
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
    EntryChecks.EntryCheck classCheck(Set<String> moreMembers);

    /** See {@link EntryChecks}. */
    static Optional<EntryChecks.EntryCheck> checks(EngineId engine, Set<String> moreMembers) {
        return ALL.stream()
                .filter(known -> known.id().equals(engine))
                .findFirst()
                .map(known -> known.classCheck(moreMembers));
    }
}
