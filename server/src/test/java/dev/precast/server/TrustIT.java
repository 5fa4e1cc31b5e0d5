package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Appointment;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.Envelope;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Effects of a new trust policy on existing artifacts, and the refusal of older policies. */
@Execution(ExecutionMode.CONCURRENT)
final class TrustIT {
    @TempDir
    Path folder;

    private Path data;
    private String packs;

    @BeforeEach
    void pack() throws Exception {
        data = folder.resolve("data");
        packs = "-Dprecast.packs.folder=" + CopyPack.in(folder);
    }

    @Test
    void a_policy_takes_effect_at_once_and_older_versions_are_refused() throws Exception {
        byte[] first;
        try (ServerProcess server = RealServer.precast(data, packs);
                Client client = Client.local(server.address(), data)) {
            Digest module = client.upload(CopyPack.module("denied"));
            String href = client.compile(module, "Prefer", "wait=30").json().string("href");
            first = client.get("/v1/trust").body();
            TrustPolicy denying = changed(2, root().open(first, 0).keys(), Set.of(module));

            assertThat(client.send(
                                    "PUT",
                                    "/v1/trust",
                                    denying.sign(SigningKey.generate()).toJson())
                            .problem())
                    .isEqualTo("policy-refused");
            assertThat(client.send("PUT", "/v1/trust", denying.sign(rootKey()).toJson())
                            .json())
                    .isEqualTo(JsonObject.EMPTY.with("version", 2));
            FreshnessProof.Verified proven = proven(client);
            proven.requireInForce(Instant.now());
            proven.requireCurrent(client.get("/v1/trust").body(), denying);
            assertThat(proven.statement().version()).isEqualTo(2);
            assertThat(client.lookup(module).string("state")).isEqualTo("absent");
            assertThat(client.get(href).problem()).isEqualTo("artifact-unknown");
            Client.Answer old = client.send("PUT", "/v1/trust", first);
            assertThat(old.problem()).isEqualTo("policy-refused");
            assertThat(old.json().string("detail"))
                    .isEqualTo(
                            "policy: expected a version above 2, the highest that this server has accepted, found 1");
        }
        Files.write(data.resolve("documents/trust/policy"), first);

        assertThat(RealServer.refused(data, packs).printed()).contains("trust policy: version 2 was in force");
    }

    @Test
    void a_server_whose_key_is_revoked_signs_with_a_new_one_and_compiles_again() throws Exception {
        try (ServerProcess server = RealServer.precast(data, packs);
                Client client = Client.local(server.address(), data)) {
            Digest module = client.upload(CopyPack.module("revoked"));
            String key = signer(client.compile(module, "Prefer", "wait=30"));
            TrustPolicy revoking = changed(2, List.of(), Set.of());
            client.send("PUT", "/v1/trust", revoking.sign(rootKey()).toJson());

            assertThat(client.lookup(module).string("state")).isEqualTo("absent");
            TrustPolicy next = awaitPolicy(client, 3);
            Client.Answer again = compiled(client, module);

            assertThat(next.keys())
                    .singleElement()
                    .satisfies(named -> assertThat(named.key().id().toString())
                            .isEqualTo(signer(again))
                            .isNotEqualTo(key));
            assertThat(signingKey().verifyingKey())
                    .isEqualTo(next.keys().getFirst().key());
            assertThat(server.log()).contains(key).contains(signer(again));
        }
    }

    @Test
    void in_the_grace_of_an_expired_policy_artifacts_are_served_and_nothing_new_is_compiled() throws Exception {
        try (ServerProcess server = RealServer.precast(data, packs);
                Client client = Client.local(server.address(), data)) {
            Digest module = client.upload(CopyPack.module("before"));
            assertThat(client.compile(module, "Prefer", "wait=30").status()).isEqualTo(200);
            TrustPolicy now = root().open(client.get("/v1/trust").body(), 0);
            Instant end = Instant.now().plusSeconds(2);
            TrustPolicy expiring = new TrustPolicy(
                    now.version() + 1,
                    now.issuedAt(),
                    end,
                    Duration.ofHours(1),
                    now.keys(),
                    List.of(),
                    Set.of(),
                    Set.of());
            client.send("PUT", "/v1/trust", expiring.sign(rootKey()).toJson());
            while (Instant.now().isBefore(end.plusSeconds(1))) {
                Thread.sleep(100);
            }
            assertThat(client.lookup(module).string("state")).isEqualTo("present");
            Client.Answer other = client.compile(client.upload(CopyPack.module("after")));
            assertThat(other.problem()).isEqualTo("no-worker");
            assertThat(other.json().string("detail")).contains("expired at");
            Client.Answer ready = client.get("/q/health/ready");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(new String(ready.body(), StandardCharsets.UTF_8)).contains("degraded", "expired at");
        }
    }

    @Test
    void another_online_key_proves_the_policy_until_the_server_gets_a_new_key_of_its_own() throws Exception {
        SigningKey elsewhere = SigningKey.generate();
        Instant now = Instant.now();
        try (ServerProcess server = RealServer.precast(data);
                Client client = Client.local(server.address(), data)) {
            assertThat(proven(client).appointment().version()).isEqualTo(1);
            Envelope appointed =
                    new Appointment(2, elsewhere.verifyingKey(), now, now.plus(Duration.ofDays(1))).sign(rootKey());

            assertThat(client.send("PUT", "/v1/trust/current", appointed.toJson())
                            .json())
                    .isEqualTo(JsonObject.EMPTY.with("appointment", 2));
            assertThat(client.get("/v1/trust/current").problem()).isEqualTo("statement-unknown");
            byte[] policy = client.get("/v1/trust").body();
            byte[] proof = new FreshnessProof(
                            appointed,
                            CurrentPolicy.about(policy, root(), now, Duration.ofHours(2))
                                    .sign(elsewhere))
                    .toJson();
            assertThat(client.send("PUT", "/v1/trust/current", proof).status()).isEqualTo(200);
            assertThat(client.get("/v1/trust/current").body()).isEqualTo(proof);
        }
        Files.delete(data.resolve("keys/online.key"));

        try (ServerProcess server = RealServer.precast(data);
                Client client = Client.local(server.address(), data)) {
            FreshnessProof.Verified proven = proven(client);
            proven.requireInForce(Instant.now());
            assertThat(proven.appointment().version()).isEqualTo(3);
        }
    }

    private FreshnessProof.Verified proven(Client client) throws Exception {
        return FreshnessProof.parse(client.get("/v1/trust/current").body()).verify(root(), 0);
    }

    @Test
    @Timeout(300)
    void a_policy_is_read_while_the_probe_of_a_new_pack_is_slow() throws Exception {
        try (ServerProcess server = RealServer.precast(data, packs);
                Client client = Client.local(server.address(), data)) {
            CopyPack.addRevision(folder.resolve("packs"), 2, Duration.ofSeconds(50));
            while (!isAskingPack()) {
                Thread.sleep(50);
            }
            client.send(
                    "PUT",
                    "/v1/trust",
                    changed(2, List.of(), Set.of()).sign(rootKey()).toJson());

            assertThat(awaitPolicy(client, 3).keys()).hasSize(1);
            assertThat(isAskingPack()).isTrue();
        }
    }

    /** No other code starts a child here. */
    private boolean isAskingPack() throws IOException {
        try (Stream<Path> children = Files.list(data.resolve("work/jobs"))) {
            return children.findAny().isPresent();
        }
    }

    @Test
    void a_server_whose_key_was_revoked_meanwhile_starts_with_a_new_one() throws Exception {
        String key;
        try (ServerProcess server = RealServer.precast(data, packs)) {
            key = signingKey().verifyingKey().id().toString();
        }
        Path stored = data.resolve("documents/trust/policy");
        Files.write(stored, changed(2, List.of(), Set.of()).sign(rootKey()).toJson());

        try (ServerProcess server = RealServer.precast(data, packs);
                Client client = Client.local(server.address(), data)) {
            Digest module = client.upload(CopyPack.module("meanwhile"));

            assertThat(signer(client.compile(module, "Prefer", "wait=30"))).isNotEqualTo(key);
            assertThat(awaitPolicy(client, 3).keys()).hasSize(1);
        }
    }

    @Test
    void without_the_root_a_revoked_key_is_not_replaced() throws Exception {
        SigningKey root;
        String key;
        try (ServerProcess server = RealServer.precast(data, packs)) {
            root = rootKey();
            key = signingKey().verifyingKey().id().toString();
        }
        Files.delete(data.resolve("trust/root.key"));
        Files.write(
                data.resolve("documents/trust/policy"),
                changed(2, List.of(), Set.of()).sign(root).toJson());

        try (ServerProcess server = RealServer.precast(data, packs)) {
            assertThat(signingKey().verifyingKey().id().toString()).isEqualTo(key);
            assertThat(server.log()).contains("policy 2 does not list signing key");
        }
    }

    private TrustPolicy awaitPolicy(Client client, long version) throws Exception {
        for (int i = 0; i < 600; i++) {
            TrustPolicy now = root().open(client.get("/v1/trust").body(), 0);
            if (now.version() >= version) {
                assertThat(now.version()).isEqualTo(version);
                return now;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no policy " + version);
    }

    /**
     * The policy has the new key a moment before the server signs with it. Until then the server takes no requests, or
     * tries a request again within about a minute.
     */
    private static Client.Answer compiled(Client client, Digest module) throws Exception {
        Client.Answer answer = client.compile(module, "Prefer", "wait=30");
        Instant end = Instant.now().plusSeconds(150);
        while (Instant.now().isBefore(end) && isLater(answer)) {
            Thread.sleep(100);
            answer = client.compile(module, "Prefer", "wait=30");
        }
        assertThat(answer.status()).isEqualTo(200);
        return answer;
    }

    private static boolean isLater(Client.Answer answer) {
        return answer.status() == 202
                || (answer.status() == 503 && answer.problem().equals("no-worker"));
    }

    private static String signer(Client.Answer answer) {
        return answer.json()
                .object("attestation")
                .array("signatures")
                .getFirst()
                .asObject("signature")
                .string("keyid");
    }

    private TrustPolicy changed(long version, List<TrustedKey> keys, Set<Digest> denied) throws Exception {
        TrustPolicy now = root().open(Files.readAllBytes(data.resolve("documents/trust/policy")), 0);
        return new TrustPolicy(
                version, now.issuedAt(), now.expiresAt(), now.grace(), keys, List.of(), denied, Set.of());
    }

    private TrustRoot root() throws Exception {
        return TrustRoot.parse(Files.readString(data.resolve("trust/root.pub")));
    }

    private SigningKey rootKey() throws Exception {
        return SigningKey.parse(Files.readString(data.resolve("trust/root.key")));
    }

    private SigningKey signingKey() throws Exception {
        return SigningKey.parse(Files.readString(data.resolve("keys/signing.key")));
    }
}
