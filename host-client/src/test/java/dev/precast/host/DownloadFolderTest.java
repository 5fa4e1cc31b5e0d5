package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.precast.artifact.Digest;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.folder.ArtifactVerification;
import dev.precast.host.folder.DownloadFolder;
import dev.precast.host.service.ServiceClient;
import dev.precast.protocol.ArtifactFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DownloadFolderTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    @TempDir
    Path folder;

    private final Deployment deployment = new Deployment();
    private WireServer server;
    private DownloadFolder downloads;

    @BeforeEach
    void start() throws IOException {
        server = new WireServer();
        server.policy = deployment.policy(1).toJson();
        server.current = () -> deployment.proof(server.policy, NOW).toJson();
        downloads = new DownloadFolder(
                folder,
                ServiceClient.of(server.uri()),
                TrustRoot.parse(deployment.rootText()),
                Freshness.ON,
                (engine, members) -> Optional.empty(),
                () -> NOW);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ArtifactVerification bring(Deployment.Artifact artifact) throws IOException, RefusedException {
        server.add(artifact);
        return downloads.bring(
                offered(Optional.of(server.current.get())),
                artifact.attestation().key().digest(),
                artifact.envelope().toJson());
    }

    private DownloadFolder.Policy offered(Optional<byte[]> proof) throws IOException, RefusedException {
        return downloads.policy(new OfferedPolicy(server.policy, proof));
    }

    @Test
    void a_host_loads_what_the_folder_has_without_a_service() throws Exception {
        ArtifactVerification verified = bring(deployment.artifact(1, 10_000));
        bring(deployment.artifact(1, 10_000));
        server.close();

        assertThat(verified.entries()).isPositive();
        assertThat(server.downloads).hasValue(1);
        try (Precast<BundleLoader.Loaded> precast = Precast.builder(new BundleLoader())
                .source(new DirectorySource(folder))
                .trustRoot(deployment.rootText())
                .onMiss(MissPolicy.fail())
                .clock(() -> NOW)
                .build()) {
            assertThat(precast.load(Deployment.module(1), () -> Deployment.wasm(1))
                            .readAll())
                    .isEqualTo(10_000);
        }
    }

    @Test
    void the_folder_keeps_the_proof_that_its_policy_is_current() throws Exception {
        byte[] proof = server.current.get();
        byte[] old =
                deployment.proof(server.policy, NOW.minus(Duration.ofHours(25))).toJson();
        DirectorySource source = new DirectorySource(folder);

        for (Optional<byte[]> none : List.of(Optional.<byte[]>empty(), Optional.of(old))) {
            assertThatThrownBy(() -> offered(none))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("trust policy 1 is not proven to be current");
        }
        downloads.keep(offered(Optional.of(proof)));
        assertThat(source.current()).contains(proof);
        downloads.keep(offered(Optional.of(old)));
        downloads.keep(offered(Optional.of(new byte[100_000])));
        downloads.keep(offered(Optional.empty()));

        assertThat(source.trust()).contains(server.policy);
        assertThat(source.current()).contains(proof);
        Files.delete(folder.resolve(ArtifactFolder.CURRENT));
        Files.write(folder.resolve(ArtifactFolder.CURRENT), new byte[100_000]);
        assertThat(source.current().orElseThrow()).hasSize(FreshnessProof.MAX_BYTES + 1);
    }

    @Test
    void a_policy_is_refused_if_the_service_itself_proves_a_newer_one() {
        byte[] newer = deployment.proof(deployment.policy(2).toJson(), NOW).toJson();

        assertThatThrownBy(() -> offered(Optional.of(newer)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("version 1 is not current: version 2 was at " + NOW);
    }

    @Test
    void a_damaged_zstd_form_is_replaced_by_the_plain_one() throws Exception {
        Deployment.Artifact good = deployment.artifact(1, 10_000);
        byte[] damaged = good.zstd().clone();
        damaged[damaged.length / 2] ^= 1;

        ArtifactVerification verified =
                bring(new Deployment.Artifact(good.attestation(), good.envelope(), good.payload(), damaged));

        assertThat(downloads.file(verified.attestation())).hasBinaryContent(good.payload());
        assertThat(server.downloads).hasValue(2);
        assertThat(server.requests).anyMatch(request -> request.endsWith("/reports"));
    }

    @Test
    void a_payload_that_expands_beyond_its_signed_size_is_refused_and_leaves_nothing() {
        byte[] bomb = Zstd.compress(new byte[256 << 20], 19);
        byte[] honest = new byte[1000];
        server.before = exchange -> {
            boolean download = exchange.getRequestMethod().equals("GET");
            if (download) {
                exchange.getResponseHeaders().set("Content-Encoding", "zstd");
                WireServer.answer(exchange, 200, bomb);
            }
            return download;
        };

        assertThatThrownBy(() -> bring(deployment.artifact(
                        1,
                        honest,
                        bomb,
                        Optional.empty(),
                        new SizedDigest(Digest.of(honest), honest.length),
                        new SizedDigest(Digest.of(bomb), bomb.length))))
                .isInstanceOf(RefusedException.class);
        assertThat(folder).isEmptyDirectory();
    }
}
