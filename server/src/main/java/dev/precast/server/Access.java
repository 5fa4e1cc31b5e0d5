package dev.precast.server;

import dev.precast.api.auth.Caller;
import dev.precast.api.auth.JwtTokens;
import dev.precast.api.auth.StaticTokens;
import dev.precast.api.auth.Tokens;
import dev.precast.api.rest.AccessRules;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes the access rules from the configuration. */
final class Access {
    private Access() {}

    /** A new token for a node that has an API and no configured authentication; empty for any other node. */
    static Optional<LocalToken> localToken(PrecastConfig.Role role, PrecastConfig.Auth auth) {
        return !role.servesApi() || auth.tokensFile().isPresent() || isSet(auth.jwt())
                ? Optional.empty()
                : Optional.of(LocalToken.generate());
    }

    /**
     * @param local the result of {@link #localToken}
     * @throws io.quarkus.runtime.configuration.ConfigurationException if the address is not loopback and there is no
     *     authentication, or a value is missing or malformed
     */
    static AccessRules rules(
            String host, PrecastConfig.Role role, PrecastConfig.Auth auth, Optional<LocalToken> local) {
        Optional<Tokens> tokens = tokens(auth);
        boolean loopback = loopback(host);
        boolean api = role.hasClients();
        if (api && !loopback && tokens.isEmpty()) {
            throw Refusal.because("precast.host: " + host + " can be reached from other machines, but there is no "
                    + "authentication; set precast.auth.tokens-file, or precast.auth.jwt.keys with issuer "
                    + "and audience, or listen on 127.0.0.1");
        }
        return new AccessRules(
                api,
                loopback,
                tokens.or(() -> local.map(Access::ownersToken)).orElse(any -> Optional.of(Caller.ANONYMOUS)),
                tokens.isPresent() ? Optional.empty() : Optional.of(Caller.ANONYMOUS));
    }

    private static Tokens ownersToken(LocalToken local) {
        byte[] expected = local.secret().getBytes(StandardCharsets.UTF_8);
        return token -> MessageDigest.isEqual(expected, token.getBytes(StandardCharsets.UTF_8))
                ? Optional.of(Caller.LOCAL)
                : Optional.empty();
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw Refusal.because("precast.host: expected an address of this machine, found \"" + host + "\"");
        }
    }

    private static Optional<Tokens> tokens(PrecastConfig.Auth auth) {
        List<Tokens> all = new ArrayList<>();
        auth.tokensFile().ifPresent(file -> all.add(staticTokens(file)));
        jwt(auth.jwt()).ifPresent(all::add);
        return all.stream().reduce(Tokens::or);
    }

    private static Tokens staticTokens(Path file) {
        try {
            return new StaticTokens(Files.readAllLines(file));
        } catch (IOException | IllegalArgumentException e) {
            throw Refusal.because("precast.auth.tokens-file " + file + ": " + e.getMessage());
        }
    }

    private static boolean isSet(PrecastConfig.Jwt jwt) {
        return jwt.keys().isPresent()
                || jwt.issuer().isPresent()
                || jwt.audience().isPresent();
    }

    private static Optional<Tokens> jwt(PrecastConfig.Jwt jwt) {
        if (!isSet(jwt)) {
            return Optional.empty();
        }
        if (jwt.keys().isEmpty() || jwt.issuer().isEmpty() || jwt.audience().isEmpty()) {
            throw Refusal.because("precast.auth.jwt: expected keys, issuer and audience together; set all three");
        }
        Path keys = jwt.keys().get();
        try {
            return Optional.of(new JwtTokens(
                    Files.readString(keys), jwt.issuer().get(), jwt.audience().get(), jwt.algorithms()));
        } catch (IOException | IllegalArgumentException e) {
            throw Refusal.because("precast.auth.jwt.keys " + keys + ": " + e.getMessage());
        }
    }
}
