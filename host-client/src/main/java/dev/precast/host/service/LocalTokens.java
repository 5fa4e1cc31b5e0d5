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
    private final Path data;
    private final URI service;

    LocalTokens(Path data, URI service) {
        this.data = data;
        this.service = service;
    }

    /** @throws UncheckedIOException if the file with the token is unusable; the message says what to do */
    @Override
    public @Nullable String get() {
        try {
            Optional<LocalToken> token = LocalToken.find(data, service);
            return token.isPresent() ? token.get().secret() : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
