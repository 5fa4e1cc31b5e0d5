package dev.precast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A user's choices for an engine.
 *
 * @param version exact version of the engine; empty for the newest
 * @param library the engine's native library, if the user names one
 * @param libraries folder with one subfolder of native libraries for each version; used if {@code library} is empty
 * @param profiles names of the configs that may be used, most preferred first; empty for all
 */
public record EngineOptions(Optional<String> version, Optional<Path> library, Path libraries, List<String> profiles) {
    public EngineOptions {
        profiles = List.copyOf(profiles);
    }
}
