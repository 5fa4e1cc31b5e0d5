package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.server.Client.Answer;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged payloads, asked for by clients that know nothing of damage. */
final class HealingIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static ServerProcess server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        server = RealServer.precast(
                folder.resolve("data"), "-Dprecast.packs.folder=" + CopyPack.in(folder), "-Dprecast.slots=2");
        client = Client.local(server.address(), folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
    }

    /** A compiled artifact, whose payload is the module. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Compiled(Digest module, String href, byte[] payload, SizedDigest raw, SizedDigest zstd) {
        static Compiled of(byte[] module) throws Exception {
            Digest digest = client.upload(module);
            Answer answer = client.compile(digest, "Prefer", "wait=30");
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            String href = answer.json().string("href");
            Attestation attestation =
                    Attestation.unverified(client.get(href + "/attestation").body());
            return new Compiled(
                    digest,
                    href,
                    module,
                    attestation.payload(),
                    attestation.compressed().orElseThrow());
        }

        Answer get(String encoding) throws Exception {
            return client.get(href, "Accept-Encoding", encoding);
        }
    }

    private static Path stored(SizedDigest form) {
        String hex = form.digest().hex();
        return folder.resolve("data/payloads").resolve(hex.substring(0, 2)).resolve(hex);
    }

    private static void flip(SizedDigest form) throws IOException {
        flip(stored(form));
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private static boolean isWhole(SizedDigest form) throws IOException {
        return Files.exists(stored(form))
                && Digest.of(Files.readAllBytes(stored(form))).equals(form.digest());
    }

    @Test
    void a_small_damaged_payload_is_rebuilt_before_it_is_sent() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("small"));
        flip(artifact.raw());

        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());

        assertThat(isWhole(artifact.raw())).isTrue();
    }

    @Test
    void a_lost_payload_is_rebuilt_before_it_is_sent() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("missing"));
        Files.delete(stored(artifact.raw()));

        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());

        assertThat(isWhole(artifact.raw())).isTrue();
    }

    @Test
    void instead_of_a_small_damaged_zstd_form_the_payload_is_sent_and_the_form_is_rebuilt() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("compressed"));
        flip(artifact.zstd());

        Answer answer = artifact.get("zstd");

        assertThat(answer.body()).isEqualTo(artifact.payload());
        assertThat(answer.header("content-encoding")).isEmpty();
        await(() -> isWhole(artifact.zstd()));
        assertThat(artifact.get("zstd").header("content-encoding")).isEqualTo("zstd");
    }

    @Test
    void when_both_forms_are_damaged_the_key_is_absent_and_compiled_again() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("both"));
        flip(artifact.raw());
        flip(artifact.zstd());

        assertThat(artifact.get("identity").problem()).isEqualTo("artifact-unknown");

        assertThat(client.lookup(artifact.module()).string("state")).isEqualTo("absent");
        assertThat(client.compile(artifact.module(), "Prefer", "wait=30").status())
                .isEqualTo(200);
        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());
    }

    @Test
    void a_large_damaged_form_is_rebuilt_after_it_was_sent_once() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.large(1));
        flip(artifact.raw());
        assertThat(artifact.get("identity").body()).as("hosts refuse it").isNotEqualTo(artifact.payload());
        await(() -> isWhole(artifact.raw()));
        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());

        flip(artifact.zstd());
        assertThat(Digest.of(artifact.get("zstd").body()))
                .isNotEqualTo(artifact.zstd().digest());
        await(() -> isWhole(artifact.zstd()));
        assertThat(Digest.of(artifact.get("zstd").body()))
                .isEqualTo(artifact.zstd().digest());
    }

    @Test
    void a_large_payload_of_which_both_forms_are_damaged_is_compiled_again() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.large(2));
        flip(artifact.raw());
        flip(artifact.zstd());

        artifact.get("identity");
        await(() -> client.lookup(artifact.module()).string("state").equals("absent"));

        assertThat(client.compile(artifact.module(), "Prefer", "wait=30").status())
                .isEqualTo(200);
        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());
        assertThat(isWhole(artifact.zstd())).isTrue();
    }

    @Test
    void damage_is_counted() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("counted"));
        double before = rebuilt();
        flip(artifact.raw());

        artifact.get("identity");

        assertThat(rebuilt()).isEqualTo(before + 1);
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Instant end = Instant.now().plus(SOON);
        while (!condition.call()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }

    private static Answer report(Compiled artifact, String payload, String reason) throws Exception {
        return client.post(
                artifact.href() + "/reports",
                JsonObject.EMPTY.with("payload", payload).with("reason", reason),
                "Prefer",
                "wait=20");
    }

    private static String result(Compiled artifact) throws Exception {
        Answer answer = report(artifact, artifact.raw().digest().toString(), "damaged");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.json().string("result");
    }

    @Test
    void a_report_about_a_whole_payload_changes_nothing() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("good"));

        assertThat(result(artifact)).isEqualTo("whole");

        assertThat(artifact.get("identity").body()).isEqualTo(artifact.payload());
        assertThat(client.get("/q/metrics").text())
                .contains("precast_reports_total{reason=\"damaged\",result=\"whole\"}");
    }

    @Test
    void a_reported_payload_is_rebuilt_or_dropped_before_the_answer() throws Exception {
        Compiled one = Compiled.of(CopyPack.module("reportedone"));
        flip(one.zstd());
        assertThat(result(one)).isEqualTo("rebuilt");
        assertThat(isWhole(one.zstd())).isTrue();

        Compiled both = Compiled.of(CopyPack.module("reportedboth"));
        flip(both.raw());
        flip(both.zstd());
        assertThat(result(both)).isEqualTo("dropped");
        assertThat(client.lookup(both.module()).string("state")).isEqualTo("absent");
    }

    @Test
    void a_report_about_another_payload_or_with_other_members_is_refused() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("refused"));
        String payload = artifact.raw().digest().toString();

        assertThat(report(artifact, artifact.zstd().digest().toString(), "damaged")
                        .problem())
                .isEqualTo("artifact-unknown");
        assertThat(report(artifact, payload, "slow").problem()).isEqualTo("bad-request");
        assertThat(report(artifact, "sha256:12", "damaged").problem()).isEqualTo("bad-request");
        assertThat(client.post(
                                artifact.href() + "/reports",
                                JsonObject.EMPTY
                                        .with("payload", payload)
                                        .with("reason", "damaged")
                                        .with("text", "please"))
                        .problem())
                .isEqualTo("bad-request");
    }

    private static Answer unloadable(Compiled artifact) throws Exception {
        return report(artifact, artifact.raw().digest().toString(), "unloadable");
    }

    @Test
    void an_artifact_that_does_not_load_is_withdrawn_and_its_module_rejected() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("broken"));

        Answer answer = unloadable(artifact);

        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        assertThat(answer.json().string("result")).isEqualTo("rechecking");
        await(() -> client.lookup(artifact.module()).string("state").equals("rejected"));
        Answer again = client.compile(artifact.module(), "Prefer", "wait=30");
        assertThat(again.status()).isEqualTo(422);
        assertThat(again.text()).contains("unloadable", "told so");
        assertThat(artifact.get("identity").problem()).isEqualTo("artifact-unknown");
    }

    @Test
    void a_report_that_a_good_artifact_does_not_load_changes_nothing() throws Exception {
        Compiled artifact = Compiled.of(CopyPack.module("loadable"));
        byte[] attestation = client.get(artifact.href() + "/attestation").body();

        assertThat(unloadable(artifact).status()).isEqualTo(202);
        await(() -> unloadable(artifact).status() == 200);

        assertThat(unloadable(artifact).json().string("result")).isEqualTo("closed");
        assertThat(client.get(artifact.href() + "/attestation").body()).isEqualTo(attestation);
        assertThat(client.get("/q/metrics").text())
                .contains("precast_reports_total{reason=\"unloadable\",result=\"closed\"}");
    }

    @Test
    void a_scrub_repairs_what_no_host_has_asked_for() throws Exception {
        Compiled one = Compiled.of(CopyPack.module("scrubbedone"));
        Compiled both = Compiled.of(CopyPack.module("scrubbedboth"));
        Digest module = client.upload(CopyPack.module("scrubbedmodule"));
        flip(one.raw());
        flip(both.raw());
        flip(both.zstd());
        flip(folder.resolve("data/modules")
                .resolve(module.hex().substring(0, 2))
                .resolve(module.hex()));

        assertThat(client.post("/v1/scrubs", JsonObject.EMPTY).status()).isEqualTo(202);
        await(() -> scrub().string("state").equals("ended"));

        assertThat(isWhole(one.raw())).isTrue();
        assertThat(client.lookup(both.module()).string("state")).isEqualTo("absent");
        assertThat(client.compile(module).problem()).isEqualTo("module-unknown");
        JsonObject scrub = scrub();
        assertThat(number(scrub, "rebuilt")).isEqualTo(1);
        assertThat(number(scrub, "deleted")).isEqualTo(1);
        assertThat(number(scrub, "deletedModules")).isEqualTo(1);
        assertThat(number(scrub, "unknown")).isZero();
        assertThat(client.get("/q/metrics").text()).containsPattern("(?m)^precast_scrub_age_seconds [0-9]");
    }

    private static JsonObject scrub() throws Exception {
        return client.get("/v1/scrubs").json();
    }

    private static long number(JsonObject json, String name) {
        return json.integer(name, 0, Long.MAX_VALUE);
    }

    private static double rebuilt() throws Exception {
        return client.get("/q/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("precast_damage_payloads_total{result=\"rebuilt\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
