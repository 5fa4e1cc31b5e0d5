package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.api.auth.Role;
import dev.precast.artifact.Digest;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.server.RealServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.OkpJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each role of a token may do, on an address that other machines could reach. */
final class RolesIT {
    private static final String DIGEST = "0".repeat(64);
    private static final String ARTIFACT =
            "/v1/artifacts/" + DIGEST + "/copy@1.0.0+1/" + DIGEST + "/" + DIGEST + "/jvm";

    private static final String WARMUP = "/v1/warmups/" + "0".repeat(32);

    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static Client client;
    private static OctetKeyPairJsonWebKey jwk;

    @BeforeAll
    static void start() throws Exception {
        StringBuilder tokens = new StringBuilder("# token's digest, name, roles\n");
        for (Role role : Role.values()) {
            String hash = Digest.of(("secret-" + role.label()).getBytes(StandardCharsets.UTF_8))
                    .hex();
            tokens.append(hash)
                    .append(" a-")
                    .append(role.label())
                    .append(' ')
                    .append(role.label())
                    .append('\n');
        }
        String nameless =
                Digest.of("secret-anonymous".getBytes(StandardCharsets.UTF_8)).hex();
        tokens.append(nameless).append(" anonymous read\n");
        Path tokensFile = Files.writeString(folder.resolve("tokens"), tokens);
        jwk = OkpJwkGenerator.generateJwk("Ed25519");
        Path keys = Files.writeString(folder.resolve("keys.json"), new JsonWebKeySet(jwk).toJson());
        server = RealServer.precast(
                folder.resolve("data"),
                "-Dprecast.host=0.0.0.0",
                "-Dprecast.auth.tokens-file=" + tokensFile,
                "-Dprecast.auth.jwt.keys=" + keys,
                "-Dprecast.auth.jwt.issuer=https://issuer.example",
                "-Dprecast.auth.jwt.audience=precast");
        client = Client.anonymous(server.address());
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    record Verb(String method, String path, Role wanted) {}

    private static final List<Verb> VERBS = List.of(
            new Verb("GET", "/v1/modules/" + DIGEST, Role.MODULE_READ),
            new Verb("HEAD", "/v1/modules/" + DIGEST, Role.READ),
            new Verb("PUT", "/v1/modules/" + DIGEST, Role.UPLOAD),
            new Verb("POST", "/v1/modules", Role.UPLOAD),
            new Verb("POST", "/v1/lookups", Role.READ),
            new Verb("GET", ARTIFACT, Role.READ),
            new Verb("HEAD", ARTIFACT, Role.READ),
            new Verb("GET", ARTIFACT + "/attestation", Role.READ),
            new Verb("POST", ARTIFACT + "/reports", Role.READ),
            new Verb("POST", "/v1/compilations", Role.REQUEST),
            new Verb("GET", "/v1/compilations/" + DIGEST, Role.READ),
            new Verb("POST", "/v1/module-lists", Role.REQUEST),
            new Verb("POST", "/v1/warmups", Role.REQUEST),
            new Verb("GET", WARMUP, Role.READ),
            new Verb("GET", WARMUP + "/results", Role.READ),
            new Verb("GET", WARMUP + "/events", Role.READ),
            new Verb("DELETE", WARMUP, Role.REQUEST),
            new Verb("POST", "/v1/usage", Role.READ),
            new Verb("GET", "/v1/usage", Role.READ),
            new Verb("GET", "/v1/usage/edge", Role.READ),
            new Verb("POST", "/v1/retirements", Role.ADMIN),
            new Verb("POST", "/v1/scrubs", Role.ADMIN),
            new Verb("GET", "/v1/scrubs", Role.ADMIN),
            new Verb("GET", "/v1/engines", Role.READ),
            new Verb("GET", "/v1/dead-letters", Role.ADMIN),
            new Verb("GET", "/v1/dead-letters/" + DIGEST, Role.ADMIN),
            new Verb("POST", "/v1/dead-letters/" + DIGEST + "/retries", Role.ADMIN),
            new Verb("GET", "/v1/trust", Role.READ),
            new Verb("PUT", "/v1/trust", Role.ADMIN),
            new Verb("GET", "/v1/trust/current", Role.READ),
            new Verb("PUT", "/v1/trust/current", Role.ADMIN),
            new Verb("GET", "/q/metrics", Role.READ),
            new Verb("GET", "/q/openapi", Role.READ));

    static Stream<Arguments> matrix() {
        return VERBS.stream().flatMap(verb -> Stream.of(Role.values()).map(role -> Arguments.of(verb, role)));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void a_role_opens_its_own_verbs_and_no_other(Verb verb, Role role) throws Exception {
        boolean allowed = role == verb.wanted() || role == Role.ADMIN;

        int status = send(verb, "Bearer secret-" + role.label()).status();

        assertThat(status == 403).as("status %d", status).isEqualTo(!allowed);
        assertThat(status).isNotEqualTo(401).isLessThan(500);
    }

    static Stream<Verb> verbs() {
        return VERBS.stream();
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void without_a_valid_token_nothing_is_open(Verb verb) throws Exception {
        assertThat(send(verb, "Bearer secret-nobody").status()).isEqualTo(401);
        assertThat(send(verb, "Basic c2VjcmV0LWFkbWlu").status()).isEqualTo(401);
        Answer none = client.send(verb.method(), verb.path(), body(verb), "Accept", "*/*");
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.header("www-authenticate")).isEqualTo("Bearer");
    }

    @Test
    void a_token_may_have_the_name_of_callers_without_a_token() throws Exception {
        Answer answer = send(new Verb("GET", "/v1/dead-letters", Role.ADMIN), "Bearer secret-anonymous");

        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().string("detail")).isEqualTo("caller \"anonymous\": missing role admin");
    }

    @Test
    void health_is_open() throws Exception {
        assertThat(client.get("/q/health/ready").status()).isEqualTo(200);
    }

    @Test
    void a_web_token_of_the_issuer_carries_roles() throws Exception {
        long soon = Instant.now().getEpochSecond() + 60;
        Verb engines = new Verb("GET", "/v1/engines", Role.READ);

        assertThat(send(engines, jwt("precast", soon, "read")).status()).isEqualTo(200);
        assertThat(send(engines, jwt("precast", soon, "upload")).status()).isEqualTo(403);
        assertThat(send(engines, jwt("other", soon, "read")).status()).isEqualTo(401);
        assertThat(send(engines, jwt("precast", soon - 3600, "read")).status()).isEqualTo(401);
    }

    private static String jwt(String audience, long expires, String role) throws Exception {
        JsonWebSignature jws = new JsonWebSignature();
        jws.setPayload(
                "{\"iss\":\"https://issuer.example\",\"sub\":\"me\",\"aud\":\"%s\",\"exp\":%d,\"roles\":[\"%s\"]}"
                        .formatted(audience, expires, role));
        jws.setAlgorithmHeaderValue("EdDSA");
        jws.setKey(jwk.getPrivateKey());
        return "Bearer " + jws.getCompactSerialization();
    }

    private static Answer send(Verb verb, String authorization) throws Exception {
        return client.send(
                verb.method(),
                verb.path(),
                body(verb),
                "Authorization",
                authorization,
                "Content-Type",
                "application/json");
    }

    static byte[] body(Verb verb) {
        return verb.method().startsWith("P") ? "{}".getBytes(StandardCharsets.UTF_8) : new byte[0];
    }
}
