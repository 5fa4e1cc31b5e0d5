package dev.precast.api.json;

import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.Compilations;
import dev.precast.cache.Compilations.Requested;
import dev.precast.cache.queue.Priority;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request for a compilation.
 *
 * @param priority {@code hot}, the default, or {@code warm}
 */
public record CompilationRequest(
        @NotNull @Size(max = 71) String module,
        @NotNull @Size(max = 128) String engine,
        @NotNull @Size(max = 71) String engineHash,
        @NotNull @Size(max = 71) String config,
        @NotNull @Size(max = 128) String target,

        @Nullable @Pattern(regexp = "hot|warm", message = "must be hot or warm")
        String priority) {
    /** @throws ProblemException if a name is malformed */
    public ArtifactKey key() {
        return Names.lane(engine, engineHash, config, target).key(Names.module(module));
    }

    /**
     * Requests the compilation; hot by default.
     *
     * @param client name of the client, which shares the workers with other clients
     * @param wait maximum time to wait for the end of the compilation
     */
    public Requested send(Compilations compilations, String client, Duration wait) throws InterruptedException {
        return "warm".equals(priority)
                ? compilations.request(key(), Priority.WARM, wait)
                : compilations.request(key(), client, wait);
    }
}
