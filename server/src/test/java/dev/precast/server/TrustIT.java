package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.attestation.TrustedKey;
import dev.precast.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new trust policy does to what exists, and that none goes back. */
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
    void a_policy_counts_at_once_and_never_goes_back() throws Exception {
        byte[] first;
        try (PackagedServer server = PackagedServer.start(data, packs);
                Client client = new Client(server.base())) {
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
            assertThat(client.lookup(module).string("state")).isEqualTo("absent");
            assertThat(client.get(href).problem()).isEqualTo("artifact-unknown");
            assertThat(client.send("PUT", "/v1/trust", first).problem()).isEqualTo("policy-refused");
        }
        Files.write(data.resolve("documents/trust/policy"), first);

        assertThat(PackagedServer.refused(data, packs).printed()).contains("trust policy 2 was in force");
    }

    @Test
    void what_a_revoked_key_signed_is_compiled_again_and_served() throws Exception {
        Digest module;
        String key;
        try (PackagedServer server = PackagedServer.start(data, packs);
                Client client = new Client(server.base())) {
            module = client.upload(CopyPack.module("revoked"));
            key = signer(client.compile(module, "Prefer", "wait=30"));
            TrustPolicy revoking = changed(2, List.of(), Set.of());
            client.send("PUT", "/v1/trust", revoking.sign(rootKey()).toJson());

            assertThat(client.lookup(module).string("state")).isEqualTo("absent");
        }
        Files.delete(data.resolve("keys/signing.key"));
        try (PackagedServer server = PackagedServer.start(data, packs);
                Client client = new Client(server.base())) {
            assertThat(client.lookup(module).string("state")).isEqualTo("absent");
            Client.Answer again = client.compile(module, "Prefer", "wait=30");

            assertThat(again.status()).isEqualTo(200);
            assertThat(signer(again)).isNotEqualTo(key);
            assertThat(root().open(client.get("/v1/trust").body(), 0).version()).isEqualTo(3);
        }
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
}
