package dev.precast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A user's choices for an engine.
 *
 * @param version exact version of the engine; empty for the newest available one
 * @param library the engine's native library; empty to look in {@code libraries}
 * @param libraries folder with one subfolder for each version, which contains that version's native library
 * @param profiles names of the configs that the engine may use, most preferred first; empty for all
 */
public record EngineOptions(Optional<String> version, Optional<Path> library, Path libraries, List<String> profiles) {
    public EngineOptions {
        profiles = List.copyOf(profiles);
    }
}
