package dev.precast.host.service;

import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the token of a service on this machine before each call, because each start of the service makes a new one.
 * Thread safe.
 */
final class LocalTokens implements Supplier<@Nullable String> {
    private final @Nullable Path data;
    private final URI service;

    /** @param data the service's data folder; null for the one of this process's environment, which the first call reads */
    LocalTokens(@Nullable Path data, URI service) {
        this.data = data;
        this.service = service;
    }

    /** @throws UncheckedIOException if the file with the token is unusable; the message says what to do */
    @Override
    public @Nullable String get() {
        try {
            Path folder = data != null ? data : LocalToken.dataFolder(System.getenv());
            Optional<LocalToken> token = LocalToken.find(folder, service);
            return token.isPresent() ? token.get().secret() : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
