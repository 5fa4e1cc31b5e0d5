package dev.precast.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The disk cache of artifacts that this user's commands share. */
final class CacheFolder {
    static final long MAX_BYTES = 4L << 30;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Disk cache; default PRECAST_CACHE, else ~/.cache/precast/artifacts.")
    private @Nullable Path folder;

    Path folder(Surroundings around) {
        if (folder != null) {
            return folder;
        }
        return around.variable("PRECAST_CACHE")
                .map(Path::of)
                .orElseGet(() -> around.userFolder("XDG_CACHE_HOME", ".cache").resolve("artifacts"));
    }
}
