package dev.precast.api.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokensTest {
    private static final String HASH =
            Digest.of("secret".getBytes(StandardCharsets.UTF_8)).hex();

    @Test
    void a_static_token_is_known_by_its_hash() {
        Tokens tokens = new StaticTokens(List.of("# comment", "", HASH + "  ci  read,upload"));

        assertThat(tokens.caller("secret")).contains(new Caller("ci", Set.of(Role.READ, Role.UPLOAD)));
        assertThat(tokens.caller(HASH)).isEmpty();
        assertThat(tokens.caller("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            secret ci read    | 64 lower-case
            %s ci             | found 2 words
            %s ci root        | found "root"
            """)
    void a_line_of_another_form_is_named(String line, String words) {
        assertThatThrownBy(() -> new StaticTokens(List.of("", line.formatted(HASH))))
                .hasMessageContaining("tokens line 2")
                .hasMessageContaining(words);
    }

    @Test
    void an_admin_may_everything() {
        assertThat(new Caller("root", Set.of(Role.ADMIN)).has(Role.UPLOAD)).isTrue();
        assertThat(new Caller("reader", Set.of(Role.READ)).has(Role.UPLOAD)).isFalse();
    }

    @Test
    void a_web_token_counts_only_if_every_part_of_it_is_as_configured() throws Exception {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("k");
        JwtTokens tokens = new JwtTokens(new JsonWebKeySet(key).toJson(), "issuer", "precast", List.of("RS256"));

        assertThat(tokens.caller(signed(key, claims()))).contains(new Caller("me", Set.of(Role.READ)));

        JwtClaims withoutEnd = claims();
        withoutEnd.unsetClaim("exp");
        assertThat(tokens.caller(signed(key, withoutEnd))).isEmpty();
        JwtClaims ended = claims();
        ended.setExpirationTimeMinutesInTheFuture(-5);
        assertThat(tokens.caller(signed(key, ended))).isEmpty();
        JwtClaims ofOther = claims();
        ofOther.setIssuer("other");
        assertThat(tokens.caller(signed(key, ofOther))).isEmpty();
        JwtClaims forOther = claims();
        forOther.setAudience("other");
        assertThat(tokens.caller(signed(key, forOther))).isEmpty();
        RsaJsonWebKey stranger = RsaJwkGenerator.generateJwk(2048);
        stranger.setKeyId("k");
        assertThat(tokens.caller(signed(stranger, claims()))).isEmpty();
        assertThat(tokens.caller("nonsense")).isEmpty();
    }

    @Test
    void a_web_token_without_signature_or_with_a_public_key_as_secret_counts_for_nothing() throws Exception {
        RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
        JwtTokens tokens = new JwtTokens(new JsonWebKeySet(key).toJson(), "issuer", "precast", List.of("RS256"));
        JsonWebSignature none = new JsonWebSignature();
        none.setPayload(claims().toJson());
        none.setAlgorithmHeaderValue("none");
        none.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
        JsonWebSignature confused = new JsonWebSignature();
        confused.setPayload(claims().toJson());
        confused.setAlgorithmHeaderValue("HS256");
        confused.setKey(new HmacKey(key.getPublicKey().getEncoded()));

        assertThat(tokens.caller(none.getCompactSerialization())).isEmpty();
        assertThat(tokens.caller(confused.getCompactSerialization())).isEmpty();
        assertThatThrownBy(() -> new JwtTokens("{\"keys\":[]}", "i", "a", List.of("HS256")))
                .hasMessageContaining("found \"HS256\"");
    }

    private static JwtClaims claims() {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer("issuer");
        claims.setAudience("precast");
        claims.setSubject("me");
        claims.setStringListClaim("roles", "read", "unheard-of");
        claims.setExpirationTime(NumericDate.fromSeconds(Instant.now().getEpochSecond() + 60));
        return claims;
    }

    private static String signed(RsaJsonWebKey key, JwtClaims claims) throws Exception {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(claims.toJson());
        jws.setAlgorithmHeaderValue("RS256");
        jws.setKeyIdHeaderValue(key.getKeyId());
        jws.setKey(key.getPrivateKey());
        return jws.getCompactSerialization();
    }
}
