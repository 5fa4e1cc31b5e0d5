package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.AttestationVerifier;
import dev.precast.attestation.RefusedException;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.pack.CopyPack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An edge between hosts and a service. */
final class EdgeIT extends EdgeServers {
    @Test
    void hosts_get_the_answers_of_the_service_unchanged() throws Exception {
        Built artifact = Built.large("unchanged");

        JsonObject found = artifact.lookup(near);
        assertThat(found).isEqualTo(artifact.lookup(service));
        assertThat(found.string("state")).isEqualTo("present");
        for (String path : List.of(artifact.href() + "/attestation", "/v1/trust", "/v1/trust/current")) {
            Answer here = near.get(path, "Authorization", READ);
            Answer there = service.get(path, "Authorization", READ);
            assertThat(here.body()).as(path).isEqualTo(there.body());
            assertThat(here.header("content-type")).as(path).isEqualTo(there.header("content-type"));
        }
        same(artifact, "zstd");
        same(artifact, "identity");
        same(artifact, "zstd", "Range", "bytes=10-99");
        same(artifact, "identity", "Range", "bytes=-7");
        same(artifact, "identity", "Range", "bytes=" + LARGE + "-");
        same(artifact, "identity", "If-None-Match", "\"" + artifact.raw().digest() + "\"");
        Answer head = near.send("HEAD", artifact.href(), new byte[0], "Authorization", READ, "Accept-Encoding", "zstd");
        assertThat(head.header("etag")).isEqualTo("\"" + artifact.zstd().digest() + "\"");
        assertThat(head.header("content-length"))
                .isEqualTo(Long.toString(artifact.zstd().size()));
    }

    /** Compares an answer of the edge with one of the service. */
    private static void same(Built artifact, String encoding, String... more) throws Exception {
        Answer here = artifact.get(near, encoding, more);
        Answer there = artifact.get(service, encoding, more);
        assertThat(here.status()).isEqualTo(there.status());
        assertThat(here.body()).isEqualTo(there.body());
        for (String header : List.of("etag", "content-encoding", "content-range", "content-length", "vary")) {
            assertThat(here.header(header)).as(header).isEqualTo(there.header(header));
        }
    }

    @Test
    void what_one_host_got_the_next_gets_without_the_service() throws Exception {
        Built artifact = Built.of("once");
        assertThat(artifact.lookup(near).string("state")).isEqualTo("present");
        assertThat(artifact.get(near, "zstd").status()).isEqualTo(200);
        String sent = "precast_bytes_out_total{kind=\"payload\"}";
        String hits = "precast_edge_requests_total{kind=\"payload\",result=\"hit\"}";
        double before = metric(service, sent);
        double hit = metric(near, hits);

        Answer again = artifact.get(near, "zstd");

        assertThat(again.header("content-encoding")).isEqualTo("zstd");
        assertThat(metric(service, sent)).isEqualTo(before);
        assertThat(metric(near, hits)).isEqualTo(hit + 1);
        assertThat(metric(near, "precast_edge_bytes_total{direction=\"in\"}")).isPositive();
        assertThat(metric(near, "precast_edge_bytes_total{direction=\"out\"}")).isPositive();
    }

    @Test
    void while_the_service_is_away_hosts_get_what_is_kept_and_problems_for_the_rest() throws Exception {
        Built artifact = Built.of("kept");
        Built unknown = Built.of("unknown");
        artifact.lookup(near);
        artifact.get(near, "zstd");
        byte[] trust = near.get("/v1/trust", "Authorization", READ).body();
        byte[] current = near.get("/v1/trust/current", "Authorization", READ).body();
        near.get("/v1/engines", "Authorization", READ);
        lane();

        cut();
        Thread.sleep(1500); // longer than what is known stays fresh

        List<Json> both = results(near, READ, artifact.module(), unknown.module());
        assertThat(both.get(0).asObject("result").string("state")).isEqualTo("present");
        assertThat(both.get(1).asObject("result").string("state")).isEqualTo("absent");
        Answer nothing = lookup(near, READ, unknown.module());
        assertThat(nothing.problem()).isEqualTo("upstream-unavailable");
        assertThat(nothing.status()).isEqualTo(503);
        assertThat(nothing.header("retry-after")).isNotEmpty();
        assertThat(artifact.get(near, "zstd").status()).isEqualTo(200);
        assertThat(unknown.get(near, "zstd").problem()).isEqualTo("upstream-unavailable");
        assertThat(near.get("/v1/trust", "Authorization", READ).body()).isEqualTo(trust);
        assertThat(near.get("/v1/trust/current", "Authorization", READ).body()).isEqualTo(current);
        assertThat(near.get("/v1/engines", "Authorization", READ).status()).isEqualTo(200);
        assertThat(compile(near, unknown.module()).problem()).isEqualTo("upstream-unavailable");
        assertThat(metric(near, "precast_edge_requests_total{kind=\"state\",result=\"stale\"}"))
                .isPositive();
        assertThat(metric(near, "precast_edge_upstream_total{result=\"failed\"}"))
                .isPositive();
        assertThat(near.get("/q/health/ready").status()).isEqualTo(200);
        assertThat(near.get("/q/health/ready").text()).contains("does not answer");

        network.heal();
        await(() -> lookup(near, READ, unknown.module()).status() == 200);
        assertThat(near.get("/q/health/ready").text()).doesNotContain("does not answer");
        assertThat(unknown.lookup(near).string("state")).isEqualTo("present");
    }

    @Test
    void a_restarted_edge_serves_what_it_has_kept_while_the_service_is_away() throws Exception {
        Built artifact = Built.of("restarted");
        String address = "-Dprecast.edge.upstream=http://127.0.0.1:" + network.port();
        String tokens = "-Dprecast.auth.tokens-file=" + folder.resolve("tokens");
        try (ServerProcess first = edge("third", address, tokens);
                Client at = Client.anonymous(first.address())) {
            artifact.lookup(at);
            artifact.get(at, "zstd");
            at.get("/v1/trust", "Authorization", READ);
        }
        cut();
        try (ServerProcess second = edge("third", address, tokens);
                Client at = Client.anonymous(second.address())) {
            assertThat(artifact.lookup(at).string("state")).isEqualTo("present");
            assertThat(artifact.get(at, "zstd").status()).isEqualTo(200);
            assertThat(at.get("/v1/trust", "Authorization", READ).status()).isEqualTo(200);
        }
        try (Stream<Path> files = Files.list(folder.resolve("third"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .as("an edge has no keys and no stores of its own")
                    .containsExactlyInAnyOrder("edge", "lock");
        }
    }

    @Test
    void rotten_bytes_on_the_edges_disk_are_replaced_by_those_of_the_service() throws Exception {
        Built artifact = Built.large("rotten");
        artifact.lookup(near);
        assertThat(artifact.get(near, "identity").body()).isEqualTo(artifact.payload());
        Path file = kept("edge/edge", artifact.raw());
        assertThat(isWhole(file, artifact.raw())).isTrue();
        flip(file);

        Answer reported = artifact.reportDamage(near);

        assertThat(reported.json()).isEqualTo(JsonObject.EMPTY.with("result", "rebuilt"));
        assertThat(artifact.get(near, "identity").body()).isEqualTo(artifact.payload());
        assertThat(isWhole(file, artifact.raw())).isTrue();
    }

    @Test
    void a_report_about_something_that_the_edge_does_not_keep_goes_to_the_service() throws Exception {
        Built artifact = Built.of("reported");

        Answer answer = artifact.reportDamage(near);

        assertThat(answer.json()).isEqualTo(JsonObject.EMPTY.with("result", "whole"));
        assertThat(metric(service, "precast_reports_total{reason=\"damaged\",result=\"whole\"}"))
                .isPositive();
    }

    @Test
    void wrong_bytes_of_the_service_are_never_kept() throws Exception {
        Built artifact = Built.large("wrong");
        artifact.lookup(near);
        flip(kept("data", artifact.zstd()));

        Answer answer = artifact.get(near, "zstd");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(artifact.payload());
        assertThat(isWhole(kept("edge/edge", artifact.raw()), artifact.raw())).isTrue();
        assertThat(kept("edge/edge", artifact.zstd())).doesNotExist();
        assertThat(metric(near, "precast_edge_upstream_total{result=\"wrong\"}"))
                .isPositive();
    }

    @Test
    void a_token_gets_only_what_its_role_may_whatever_the_edge_has_kept() throws Exception {
        Built artifact = Built.of("roles");
        artifact.lookup(near);
        artifact.get(near, "zstd");
        String upload = "Bearer secret-upload";

        assertThat(lookup(near, upload, artifact.module()).status()).isEqualTo(403);
        assertThat(near.get(artifact.href(), "Authorization", upload).status()).isEqualTo(403);
        assertThat(near.get("/v1/trust", "Authorization", upload).status()).isEqualTo(403);
        assertThat(near.get(artifact.href(), "Authorization", "Bearer secret-nobody")
                        .status())
                .isEqualTo(401);
        assertThat(near.get(artifact.href()).status()).isEqualTo(401);
        assertThat(near.send("PUT", "/v1/modules/" + "0".repeat(64), new byte[] {1}, "Authorization", READ)
                        .problem())
                .isEqualTo("forbidden");
    }

    @Test
    void the_services_refusal_of_one_token_is_not_kept_for_others() throws Exception {
        Built artifact = Built.of("refused");
        String stranger = "Bearer secret-stranger"; // The service does not know it.

        assertThat(lookup(near, stranger, artifact.module()).problem()).isEqualTo("unauthenticated");
        assertThat(near.get(artifact.href() + "/attestation", "Authorization", stranger)
                        .problem())
                .isEqualTo("unauthenticated");

        assertThat(artifact.lookup(near).string("state")).isEqualTo("present");
        assertThat(artifact.get(near, "zstd").status()).isEqualTo(200);
    }

    @Test
    void with_a_token_of_the_edges_own_hosts_get_no_more_than_read() throws Exception {
        Built artifact = Built.of("own");
        String stranger = "Bearer secret-stranger";

        assertThat(results(nearSmall, stranger, artifact.module())
                        .getFirst()
                        .asObject("result")
                        .string("state"))
                .isEqualTo("present");
        assertThat(nearSmall.get(artifact.href(), "Authorization", stranger).body())
                .isEqualTo(artifact.payload());
        assertThat(nearSmall
                        .send(
                                "PUT",
                                "/v1/modules/" + Digest.of(artifact.payload()).hex(),
                                artifact.payload(),
                                "Authorization",
                                ALL)
                        .problem())
                .isEqualTo("forbidden");
        assertThat(compile(nearSmall, artifact.module()).problem()).isEqualTo("forbidden");
        assertThat(nearSmall
                        .get("/v1/modules/" + artifact.module().hex(), "Authorization", ALL)
                        .problem())
                .isEqualTo("forbidden");
    }

    @Test
    void only_what_hosts_ask_a_service_for_is_forwarded() throws Exception {
        for (String path : List.of(
                "/v1/dead-letters",
                "/v1/scrubs",
                "/v1/retirements",
                "/v1/nothing",
                "/v2/trust",
                "/",
                "/v1/usage/../scrubs",
                "/v1/usage/%2e%2e/scrubs",
                "/edge/v1/trust",
                "/edge/v1/nothing")) {
            Answer answer = near.get(path, "Authorization", ALL);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.problem()).as(path).isEqualTo("not-found");
        }
        for (String call : List.of("PUT /v1/trust", "PUT /v1/trust/current", "DELETE /v1/usage", "GET /v1/lookups")) {
            String[] parts = call.split(" ");
            Answer answer = near.send(parts[0], parts[1], new byte[0], "Authorization", ALL);
            assertThat(answer.problem()).as(call).isEqualTo("method-not-allowed");
            assertThat(answer.header("allow")).as(call).isNotEmpty().doesNotContain(parts[0]);
        }
        assertThat(service.get("/edge/v1/trust", "Authorization", ALL).problem())
                .as("the edge's own resources exist nowhere else")
                .isEqualTo("not-found");
        assertThat(service.get("/q/metrics", "Authorization", READ).text())
                .contains("uri=\"/v1/engines\"")
                .doesNotContain("/v1/scrubs")
                .doesNotContain("/v1/dead-letters");
    }

    @Test
    void a_module_is_uploaded_and_compiled_through_the_edge() throws Exception {
        byte[] module = Arrays.copyOf(CopyPack.module("through"), LARGE);
        Digest digest = upload(near, module);

        assertThat(compile(near, digest).json().string("state")).isEqualTo("present");

        await(() -> results(near, READ, digest)
                .getFirst()
                .asObject("result")
                .string("state")
                .equals("present"));
        assertThat(near.get("/v1/modules/" + digest.hex(), "Authorization", ALL).body())
                .isEqualTo(module);
        Answer wrong = near.send("PUT", "/v1/modules/" + "0".repeat(64), module, "Authorization", ALL);
        assertThat(wrong.problem()).isEqualTo("digest-mismatch");
        Answer nonsense = near.send("POST", "/v1/modules", new byte[LARGE], "Authorization", ALL);
        assertThat(nonsense.problem()).isEqualTo("not-wasm");
    }

    @Test
    void the_files_of_an_edge_stay_within_its_budget() throws Exception {
        for (int i = 0; i < 4; i++) {
            Built artifact = Built.large("budget" + i);
            artifact.lookup(nearSmall);

            assertThat(artifact.get(nearSmall, "identity").body()).isEqualTo(artifact.payload());

            try (Stream<Path> files = Files.walk(folder.resolve("small/edge"))) {
                assertThat(files.filter(Files::isRegularFile)
                                .mapToLong(file -> file.toFile().length())
                                .sum())
                        .isLessThanOrEqualTo(SMALL_BUDGET);
            }
        }
        assertThat(metric(nearSmall, "precast_edge_evictions_total")).isPositive();
        assertThat(metric(nearSmall, "precast_edge_disk_bytes")).isBetween((double) LARGE, (double) SMALL_BUDGET);
    }

    @Test
    void a_new_policy_and_the_artifacts_that_it_withdraws_are_seen_in_the_stated_time() throws Exception {
        Built artifact = Built.of("withdrawn");
        assertThat(artifact.lookup(near).string("state")).isEqualTo("present");
        assertThat(artifact.get(near, "zstd").status()).isEqualTo(200);
        byte[] before = near.get("/v1/trust", "Authorization", READ).body();
        TrustRoot root = Trust.readRoot(folder.resolve("data/trust/root.pub"), "root");
        TrustPolicy old = root.open(before, 0);
        TrustPolicy denying = new TrustPolicy(
                old.version() + 1,
                old.issuedAt(),
                old.expiresAt(),
                old.grace(),
                old.keys(),
                List.of(),
                Set.of(artifact.module()),
                Set.of());
        SigningKey key = SigningKey.parse(Files.readString(folder.resolve("data/trust/root.key")));

        Answer published = service.send("PUT", "/v1/trust", denying.sign(key).toJson(), "Authorization", ALL);
        assertThat(published.status()).as(published.text()).isEqualTo(200);
        Thread.sleep(1100); // precast.edge.fresh-for

        assertThat(near.get("/v1/trust", "Authorization", READ).body())
                .isEqualTo(service.get("/v1/trust", "Authorization", READ).body())
                .isNotEqualTo(before);
        assertThat(artifact.lookup(near).string("state")).isEqualTo("absent");
        assertThat(artifact.get(near, "zstd").problem()).isEqualTo("artifact-unknown");
        assertThat(kept("edge/edge", artifact.zstd())).doesNotExist();
    }

    @Test
    void whoever_changes_the_edges_disk_makes_hosts_load_nothing() throws Exception {
        Built artifact = Built.of("stolen");
        artifact.lookup(near);
        artifact.get(near, "identity");
        byte[] policy = service.get("/v1/trust", "Authorization", READ).body();
        TrustPolicy trusted =
                Trust.readRoot(folder.resolve("data/trust/root.pub"), "root").open(policy, 0);
        Attestation genuine = Attestation.unverified(near.get(artifact.href() + "/attestation", "Authorization", READ)
                .body());
        byte[] forged = genuine.sign(SigningKey.generate()).toJson();
        try (Stream<Path> files = Files.walk(folder.resolve("edge/edge/documents/attestations"))) {
            Path file = files.filter(found -> found.endsWith(artifact.module().hex()))
                    .findFirst()
                    .orElseThrow();
            Files.write(file, forged);
        }
        cut();
        Thread.sleep(1500);

        byte[] answered = near.get(artifact.href() + "/attestation", "Authorization", READ)
                .body();

        assertThat(answered).isEqualTo(forged);
        AttestationVerifier host = new AttestationVerifier(() -> trusted, InstantSource.system());
        assertThatThrownBy(() -> host.verify(answered, genuine.key(), false)).isInstanceOf(RefusedException.class);
    }
}
