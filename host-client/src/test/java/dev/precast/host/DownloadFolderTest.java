package dev.precast.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.precast.artifact.Digest;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SizedDigest;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.folder.ArtifactVerification;
import dev.precast.host.folder.DownloadFolder;
import dev.precast.host.service.ServiceClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
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
        downloads = new DownloadFolder(
                folder,
                ServiceClient.of(server.uri()),
                TrustRoot.parse(deployment.rootText()),
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
                downloads.policy(server.policy),
                artifact.attestation().key().digest(),
                artifact.envelope().toJson());
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
