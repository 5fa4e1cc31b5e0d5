package dev.precast.load;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a user may choose of an engine.
 *
 * @param version exact version of the engine; empty for the newest
 * @param library the engine's native library, if the user names one
 * @param libraries where native libraries are if the user names none: a folder for each version
 * @param profiles names of the configs that may be used, most preferred first; empty for all
 */
public record EngineOptions(Optional<String> version, Optional<Path> library, Path libraries, List<String> profiles) {
    public EngineOptions {
        profiles = List.copyOf(profiles);
    }
}
