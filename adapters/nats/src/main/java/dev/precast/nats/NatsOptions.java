package dev.precast.nats;

import dev.precast.artifact.VisibleText;
import dev.precast.cache.SeldomWarning;
import io.nats.client.AuthHandler;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.NKey;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The library's options for a {@link NatsConfig}. */
final class NatsOptions {
    private static final System.Logger LOG = System.getLogger(NatsLink.class.getName());
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Interval of pings. The library drops a connection after two pings without an answer. */
    private static final Duration PING = Duration.ofSeconds(10);

    private NatsOptions() {}

    /** @throws IllegalArgumentException if a file that {@code config} names cannot be used */
    static Options of(NatsConfig config) {
        Options.Builder options = new Options.Builder()
                .servers(config.servers().stream().map(URI::toString).toArray(String[]::new))
                .connectionName(config.name())
                .inboxPrefix(config.inboxes().own())
                .connectionTimeout(config.timeout())
                .maxReconnects(-1)
                .reconnectWait(PAUSE)
                .reconnectJitter(PAUSE)
                .reconnectJitterTls(PAUSE)
                .pingInterval(PING)
                .maxPingsOut(2)
                .advancedRequestBehavior()
                .errorListener(new Log())
                .connectionListener(Log::event);
        if (!config.tls().equals(NatsTls.DEFAULT)) {
            options.sslContext(config.tls().context());
        }
        switch (config.login()) {
            case NatsLogin.Anonymous anonymous -> {}
            case NatsLogin.UserPassword login ->
                options.userInfo(login.user().toCharArray(), login.password().toCharArray());
            case NatsLogin.Token login -> options.token(login.token().toCharArray());
            case NatsLogin.Nkey login -> options.authHandler(new SeedFile(readable(login.seed())));
            case NatsLogin.Credentials login ->
                options.authHandler(Nats.credentials(readable(login.file()).toString()));
        }
        return options.build();
    }

    private static Path readable(Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("NATS login: " + file + " cannot be read");
        }
        return file;
    }

    /** Signs with the key whose seed is the only content of a file. */
    private record SeedFile(Path file) implements AuthHandler {
        @Override
        public byte[] sign(byte[] nonce) {
            NKey key = key();
            try {
                return key.sign(nonce);
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException("NATS login: " + file + " cannot sign: " + e.getMessage(), e);
            } finally {
                key.clear();
            }
        }

        @Override
        public char[] getID() {
            NKey key = key();
            try {
                return key.getPublicKey();
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException("NATS login: " + file + " has no public key: " + e.getMessage(), e);
            } finally {
                key.clear();
            }
        }

        @Override
        public char @Nullable [] getJWT() {
            return null;
        }

        private NKey key() {
            try {
                return NKey.fromSeed(Files.readString(file).strip().toCharArray());
            } catch (IOException e) {
                throw new UncheckedIOException("NATS login: " + file + " cannot be read", e);
            }
        }
    }

    /**
     * Logs the library's errors and events. Errors and disconnections are warnings, because they explain why nothing is
     * compiled.
     */
    private static final class Log implements ErrorListener {
        private final SeldomWarning refusedPublishing = new SeldomWarning(LOG);

        @Override
        public void errorOccurred(Connection connection, String error) {
            String text = "NATS: " + VisibleText.line(error);
            // A client can cause these: the library answers its discovery at the reply subject that it named.
            if (error.toLowerCase(Locale.ROOT).contains("permissions violation for publish")) {
                refusedPublishing.log(text);
            } else {
                LOG.log(Level.WARNING, text);
            }
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception e) {
            LOG.log(Level.DEBUG, "NATS: " + e.getMessage(), e);
        }

        static void event(Connection connection, ConnectionListener.Events event) {
            Level level = event == ConnectionListener.Events.DISCONNECTED ? Level.WARNING : Level.INFO;
            LOG.log(level, "NATS at " + connection.getConnectedUrl() + ": " + event.getEvent());
        }
    }
}
