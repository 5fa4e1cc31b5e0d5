package dev.precast.api.auth;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;

/** JSON web tokens of one issuer for one audience, with a fixed set of keys and algorithms. */
public final class JwtTokens implements Tokens {
    /**
     * The supported algorithms. All verify with a public key, so an attacker cannot use a public key as the secret of
     * an HMAC.
     */
    public static final Set<String> ALGORITHMS =
            Set.of("EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512");

    private static final int CLOCK_SKEW_SECONDS = 30;
    private static final int MAX_CHARS = 16 * 1024;

    private final JwtConsumer consumer;

    /**
     * @param keys a JWK set (RFC 7517) of public keys
     * @param issuer expected value of {@code iss}
     * @param audience a value that {@code aud} must contain
     * @param algorithms the accepted algorithms, a subset of {@link #ALGORITHMS}
     * @throws IllegalArgumentException if the keys are not a JWK set, or an algorithm is not supported
     */
    public JwtTokens(String keys, String issuer, String audience, List<String> algorithms) {
        for (String algorithm : algorithms) {
            if (!ALGORITHMS.contains(algorithm)) {
                throw new IllegalArgumentException("JWT algorithm: expected one of "
                        + ALGORITHMS.stream().sorted().toList() + ", found \"" + algorithm + "\"");
            }
        }
        try {
            this.consumer = new JwtConsumerBuilder()
                    .setVerificationKeyResolver(
                            new JwksVerificationKeyResolver(new JsonWebKeySet(keys).getJsonWebKeys()))
                    .setJwsAlgorithmConstraints(
                            AlgorithmConstraints.ConstraintType.PERMIT, algorithms.toArray(String[]::new))
                    .setExpectedIssuer(issuer)
                    .setExpectedAudience(audience)
                    .setRequireExpirationTime()
                    .setRequireSubject()
                    .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
                    .build();
        } catch (JoseException e) {
            throw new IllegalArgumentException("JWT keys: expected a JWK set: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<Caller> caller(String token) {
        if (token.length() > MAX_CHARS) {
            return Optional.empty();
        }
        try {
            JwtClaims claims = consumer.processToClaims(token);
            Set<Role> roles = new HashSet<>();
            for (String label : claims.getStringListClaimValue("roles")) {
                Role.find(label).ifPresent(roles::add);
            }
            return Optional.of(new Caller(claims.getSubject(), roles));
        } catch (InvalidJwtException | MalformedClaimException e) {
            return Optional.empty();
        }
    }
}
