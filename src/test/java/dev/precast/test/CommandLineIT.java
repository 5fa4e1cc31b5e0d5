package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.artifact.ModuleDigest;
import dev.precast.attestation.CurrentPolicy;
import dev.precast.attestation.FreshnessProof;
import dev.precast.attestation.SigningKey;
import dev.precast.attestation.TrustPolicy;
import dev.precast.attestation.TrustRoot;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ArtifactFolder;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the packaged command line as a process, against a service that the command line itself started. */
@Tag("engines")
final class CommandLineIT {
    /**
     * (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1) (func (export
     * "_start") i32.const 42 call 0)).
     */
    private static final String EXIT_42 = "0061736d01000000" + "01080260017f00600000"
            + "02240116776173695f736e617073686f745f7072657669657731" + "0970726f635f65786974" + "0000"
            + "03020101" + "0503010001" + "0713" + "02" + "066d656d6f727902" + "00" + "065f7374617274" + "0001"
            + "0a08010600412a10000b";

    private static final Path HOME = Path.of("../..").toAbsolutePath().normalize();

    @TempDir
    private static Path folder;

    private static Process serve;
    private static String url;

    private record Done(int exit, String out, String err) {
        JsonObject json() {
            return Json.parse(out.strip()).asObject("standard output");
        }
    }

    @BeforeAll
    static void the_service_is_started_by_the_command_line() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        url = "http://127.0.0.1:" + port;
        serve = process(
                        "serve",
                        "--port",
                        Integer.toString(port),
                        "--data",
                        folder.resolve("data").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("serve.log").toFile())
                .start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (lanes() == 0) {
            assertThat(serve.isAlive())
                    .as(Files.readString(folder.resolve("serve.log")))
                    .isTrue();
            assertThat(System.nanoTime())
                    .as("the service is ready within two minutes")
                    .isLessThan(end);
            Thread.sleep(1000);
        }
    }

    private static int lanes() throws Exception {
        Done engines = precast("engines", "--json");
        return engines.exit == 0 ? engines.json().array("lanes").size() : 0;
    }

    @AfterAll
    static void a_signal_to_the_command_line_ends_the_service_too() throws Exception {
        List<ProcessHandle> service = serve.descendants().toList();
        serve.destroy();

        assertThat(serve.waitFor(120, TimeUnit.SECONDS)).isTrue();
        for (ProcessHandle each : service) {
            each.onExit().get(60, TimeUnit.SECONDS);
        }
        assertThat(precast("engines").exit).isEqualTo(6);
    }

    private static ProcessBuilder process(String... words) {
        List<String> command = new ArrayList<>(LocalService.COMMAND_LINE);
        command.addAll(List.of(words));
        ProcessBuilder process = new ProcessBuilder(command);
        process.environment().put("PRECAST_HOME", HOME.toString());
        process.environment().put("PRECAST_URL", url);
        process.environment().put("PRECAST_DATA", folder.resolve("data").toString());
        process.environment().put("PRECAST_CACHE", folder.resolve("cache").toString());
        process.environment().remove("PRECAST_TRUST_ROOT");
        return process;
    }

    private static Done precast(String... words) throws Exception {
        Process process = process(words).start();
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
        String out = text(process.getInputStream());
        return new Done(process.waitFor(), out, err.join());
    }

    private static Done precastAt(ReplayingService service, String token, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--token", token, "--server", service.url()));
        return precast(all.toArray(String[]::new));
    }

    private static String text(InputStream in) {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String file(String name, String hex) throws IOException {
        return Files.write(folder.resolve(name), HexFormat.of().parseHex(hex)).toString();
    }

    @Test
    void run_gives_the_exit_code_of_the_module_also_without_a_service() throws Exception {
        String module = file("exit.wasm", EXIT_42);

        Done first = precast("run", module);
        assertThat(first.exit).as(first.err).isEqualTo(42);
        Done offline = precast("run", module, "--server", "http://127.0.0.1:9");
        assertThat(offline.exit).as(offline.err).isEqualTo(42);
    }

    @Test
    void the_demo_shows_that_both_ways_do_the_same() throws Exception {
        Done demo = precast("demo", "--json", "--module", file("exit.wasm", EXIT_42));

        assertThat(demo.exit).as(demo.err).isZero();
        assertThat(demo.json().get("equal")).isEqualTo(Json.of(true));
        assertThat(demo.json().object("runs").members())
                .containsOnlyKeys("compiled in-process", "Precast, empty disk cache", "Precast, from disk");
    }

    @Test
    void run_uses_the_requested_engine() throws Exception {
        String module = file("endive.wasm", EXIT_42 + "0003" + "0165" + "01");

        Done endive = precast("run", "--engine", "endive@1.0.0", module);
        assertThat(endive.exit).as(endive.err).isEqualTo(42);
        Done compiled = precast("compile", "--engine", "endive", "--json", module);
        assertThat(compiled.json()
                        .array("artifacts")
                        .getFirst()
                        .asObject("artifact")
                        .string("state"))
                .isEqualTo("present");
        Done other = precast("run", "--engine", "endive@0.0.1", module);
        assertThat(other.exit).isEqualTo(3);
        assertThat(other.err).contains("chicory@1.7.5").contains("endive@1.0.0");
    }

    @Test
    void a_compiled_artifact_is_downloaded_and_verified_and_a_changed_one_is_refused() throws Exception {
        String module = file("got.wasm", EXIT_42 + "0005" + "0367" + "6f74" + "01");
        Path got = folder.resolve("got");

        Done compiled = precast("compile", "--wait", "--json", module);
        assertThat(compiled.exit).as(compiled.err).isZero();
        JsonObject artifact = compiled.json().array("artifacts").get(0).asObject("artifact");
        assertThat(artifact.string("state")).isEqualTo("present");
        assertThat(precast("get", module, "--out", got.toString()).exit).isZero();
        assertThat(precast("verify", artifact.string("key")).exit).isZero();

        Path attestation = one(got, artifact.string("key").substring(7) + "*");
        Done verified = precast("verify", "--json", attestation.toString());
        assertThat(verified.exit).as(verified.err).isZero();
        JsonObject told = verified.json().array("verified").get(0).asObject("artifact");
        assertThat(told.integer("entries", 2, 1000)).isPositive();
        assertThat(told.integer("classes", 1, 1000)).isLessThan(told.integer("entries", 2, 1000));

        Path payload = got.resolve(told.string("payload").substring(7));
        byte[] bytes = Files.readAllBytes(payload);
        bytes[bytes.length / 2] ^= 1;
        Files.write(payload, bytes);
        Done refused = precast("verify", "--json", attestation.toString());
        assertThat(refused.exit).isEqualTo(5);
        assertThat(refused.json().object("error").string("code")).isEqualTo("payload");
    }

    @Test
    void a_replayed_policy_is_refused_by_commands_without_memory() throws Exception {
        String module = file("replayed.wasm", EXIT_42 + "000a" + "0872" + "65706c61796564" + "01");
        assertThat(precast("compile", "--wait", module).exit).isZero();
        Path out = folder.resolve("replayed");
        String token = LocalToken.find(folder.resolve("data"), URI.create(url))
                .orElseThrow()
                .secret();

        try (ReplayingService replaying = new ReplayingService(URI.create(url))) {
            Done got = precastAt(replaying, token, "get", module, "--out", out.toString());
            assertThat(got.exit).as(got.err).isEqualTo(5);
            assertThat(got.err).contains("is not proven to be current (the source has no proof)");

            replaying.proves(proofOfTheNextPolicy());
            Done ran = precastAt(
                    replaying,
                    token,
                    "run",
                    module,
                    "--cache",
                    folder.resolve("empty").toString());
            assertThat(ran.exit).as(ran.err).isEqualTo(5);
            assertThat(ran.err).contains("is not current: version ");

            Path list = Files.writeString(
                    folder.resolve("replayed.list"),
                    ModuleDigest.of(Files.readAllBytes(Path.of(module))).toString());
            Done synced =
                    precastAt(replaying, token, "sync", "--once", "--list", list.toString(), "--out", out.toString());
            assertThat(synced.exit).as(synced.err).isEqualTo(5);
            assertThat(synced.out).contains("is not current: version ");

            replaying.proves(new byte[0]);
            Done told = precastAt(replaying, token, "get", module, "--out", out.toString(), "--freshness", "off");
            assertThat(told.exit).as(told.err).isZero();
        }
    }

    /** The service's own keys sign, as after a revocation that the service then withholds. */
    private static byte[] proofOfTheNextPolicy() throws Exception {
        Path data = folder.resolve("data");
        SigningKey root = SigningKey.parse(Files.readString(data.resolve("trust/root.key")));
        SigningKey online = SigningKey.parse(Files.readString(data.resolve("keys/online.key")));
        ServiceClient service = ServiceClient.of(URI.create(url));
        TrustRoot trusted = new TrustRoot(root.verifyingKey());
        TrustPolicy now = trusted.open(service.trust().orElseThrow(), 0);
        TrustPolicy next = new TrustPolicy(
                now.version() + 1,
                now.issuedAt(),
                now.expiresAt(),
                now.grace(),
                List.of(),
                now.floors(),
                now.deniedDigests(),
                now.extraMembers());
        CurrentPolicy statement =
                CurrentPolicy.about(next.sign(root).toJson(), trusted, Instant.now(), Duration.ofHours(1));
        FreshnessProof real = FreshnessProof.parse(service.current().orElseThrow());
        return new FreshnessProof(real.appointment(), statement.sign(online)).toJson();
    }

    @Test
    void a_folder_is_kept_in_step_with_a_list() throws Exception {
        String module = file("synced.wasm", EXIT_42 + "0008" + "0673796e636564" + "01");
        assertThat(precast("compile", "--wait", module).exit).isZero();
        String digest = ModuleDigest.of(Files.readAllBytes(Path.of(module))).toString();
        String unknown = "sha256:" + "0".repeat(64);
        Path list = folder.resolve("list.txt");
        Path ready = folder.resolve("ready");
        Path out = folder.resolve("synced");
        String[] sync = {
            "sync", "--json", "--once", "--list", list.toString(), "--out", out.toString(), "--ready", ready.toString()
        };

        Files.writeString(list, "# ours\n" + digest + "  # the first\n" + unknown + "\n");
        Done missing = precast(sync);
        assertThat(missing.exit).as(missing.err).isEqualTo(3);
        assertThat(missing.json().integer("present", 0, 9)).isEqualTo(1);
        assertThat(missing.json().array("missing").get(0).asString("missing")).contains(unknown);
        assertThat(ready).doesNotExist();

        Files.writeString(list, digest);
        assertThat(precast(sync).exit).isZero();
        assertThat(ready).exists();
        JsonObject synced = Json.parse(Files.readAllBytes(out.resolve("synced.json")))
                .asObject("index")
                .array("modules")
                .get(0)
                .asObject("module");
        Path payload = out.resolve(synced.string("file"));
        assertThat(synced.string("module")).isEqualTo(digest);
        assertThat(precast("get", "--path", module, "--out", out.toString()).out.strip())
                .isEqualTo(payload.toString());

        byte[] good = Files.readAllBytes(payload);
        Files.delete(payload);
        Files.write(payload, new byte[good.length]);
        assertThat(precast(sync).exit).isZero();
        assertThat(payload).as("a damaged payload is replaced").hasBinaryContent(good);

        Files.writeString(list, "\n");
        assertThat(precast(sync).exit).isZero();
        assertThat(out.toFile().list())
                .contains("synced.json", "trust-policy.dsse.json")
                .noneMatch(ArtifactFolder::isArtifact);

        Done gone = precast(
                "sync", "--once", "--list", list.toString(), "--out", out.toString(), "--server", "http://127.0.0.1:9");
        assertThat(gone.exit).isEqualTo(6);
    }

    private static Path one(Path in, String glob) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(in, glob)) {
            return found.iterator().next();
        }
    }

    @Test
    void a_module_that_was_never_pushed_is_not_found() throws Exception {
        Done run = precast("compile", "--json", "sha256:" + "0".repeat(64));

        assertThat(run.exit).isEqualTo(3);
        assertThat(run.json().object("error").string("code")).isEqualTo("module-unknown");
    }

    @Test
    void a_module_that_is_invalid_is_rejected() throws Exception {
        String module = file("invalid.wasm", EXIT_42.replace("412a1000", "10001000"));

        Done run = precast("compile", "--wait", module);

        assertThat(run.exit).as(run.err).isEqualTo(4);
        assertThat(precast("run", module).exit).isEqualTo(4);
    }

    @Test
    void a_failing_module_does_not_stop_the_others() throws Exception {
        String first = file("first.wasm", EXIT_42 + "0007" + "056669727374" + "01");
        String invalid = file("between.wasm", EXIT_42.replace("412a1000", "10001000"));
        String unknown = "sha256:" + "0".repeat(64);
        String last = file("last.wasm", EXIT_42 + "0006" + "046c617374" + "01");

        Done rejected = precast("compile", "--wait", "--json", first, invalid, last);
        Done missing = precast("compile", "--wait", invalid, unknown, last);

        assertThat(rejected.exit).as(rejected.err).isEqualTo(4);
        assertThat(rejected.json().array("artifacts"))
                .extracting(each -> each.asObject("artifact").string("state"))
                .containsExactly("present", "rejected", "present");
        assertThat(rejected.json()
                        .array("artifacts")
                        .get(1)
                        .asObject("artifact")
                        .object("error")
                        .string("code"))
                .isEqualTo("module-rejected");
        assertThat(missing.exit)
                .as("exit code: the compilation may succeed on a retry")
                .isEqualTo(3);
        assertThat(missing.out.lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("rejected  " + invalid),
                        line -> assertThat(line).isEqualTo("failed  " + unknown),
                        line -> assertThat(line).startsWith("present  sha256:"));
        assertThat(missing.err).contains(invalid + ": ").contains(unknown + ": ");
    }

    @Test
    void a_warm_up_takes_all_named_modules_and_an_empty_one_is_refused() throws Exception {
        String named = file("warmed.wasm", EXIT_42 + "0008" + "067761726d6564" + "01");
        String pushed = file("listed.wasm", EXIT_42 + "0008" + "066c6973746564" + "01");
        assertThat(precast("push", pushed).exit).isZero();
        Path list = Files.writeString(
                folder.resolve("warm.txt"),
                ModuleDigest.of(Files.readAllBytes(Path.of(pushed))).toString());
        String[] nobody = {"--used-within", "7d", "--group", "mistyped"};

        Done nothing = precast("warm", "--wait", nobody[0], nobody[1], nobody[2], nobody[3]);
        Done all = precast(
                "warm",
                "--wait",
                "--json",
                "--modules",
                list.toString(),
                nobody[0],
                nobody[1],
                nobody[2],
                nobody[3],
                named);

        assertThat(nothing.exit).as(nothing.out).isEqualTo(3);
        assertThat(nothing.err).contains("no host of group mistyped has reported a load within 7d");
        assertThat(all.exit).as(all.err).isZero();
        assertThat(all.json().integer("present", 0, 9)).isEqualTo(2);
    }

    @Test
    void the_printed_pack_digest_allows_the_pack() throws Exception {
        Path packs = HOME.resolve("engines/target/packs");
        String bundled = Files.readString(packs.resolve("packs.sha256"));
        String name = bundled.lines().findFirst().orElseThrow().split(" +")[1];

        Done digest = precast("pack-digest", "--json", packs.resolve(name).toString());
        Done none = precast("pack-digest", folder.toString());

        assertThat(digest.exit).as(digest.err).isZero();
        assertThat(bundled).contains(digest.json().string("digest").substring(7) + "  " + name);
        assertThat(digest.json().string("engine")).contains("@");
        assertThat(none.exit).isEqualTo(1);
        assertThat(none.err).contains("pack " + folder + ": ");
    }

    @Test
    void an_unserved_engine_is_not_found() throws Exception {
        Done run = precast("compile", "--engine", "chicory@0.0.1", file("exit.wasm", EXIT_42));

        assertThat(run.exit).isEqualTo(3);
        assertThat(run.err).contains("chicory@0.0.1");
    }

    @Test
    void the_doctor_finds_nothing_wrong() throws Exception {
        Done doctor = precast("doctor", "--json");

        assertThat(doctor.exit).as(doctor.out).isZero();
        assertThat(doctor.json().get("healthy")).isEqualTo(Json.of(true));
        assertThat(doctor.json().array("checks"))
                .as("the clock is compared with the service's")
                .anySatisfy(check -> {
                    JsonObject told = check.asObject("check");
                    assertThat(told.string("check")).isEqualTo("clock");
                    assertThat(told.string("health")).isEqualTo("ok");
                })
                .as("the service says what confines its compiler processes")
                .anySatisfy(check -> {
                    JsonObject told = check.asObject("check");
                    assertThat(told.string("check")).isEqualTo("confinement");
                    assertThat(told.string("detail")).contains("files: yes", "system-calls: yes", "cgroup: ");
                });
    }

    @Test
    void the_policy_of_the_service_is_shown_and_rotated() throws Exception {
        long before = policyVersion("show");
        long after = policyVersion("rotate");

        assertThat(after).isGreaterThan(before);
        assertThat(policyVersion("show")).isGreaterThanOrEqualTo(after);
    }

    private static long policyVersion(String verb) throws Exception {
        Done done = precast("trust", "policy", verb, "--json");
        assertThat(done.exit).as(done.err).isZero();
        return done.json().object("policy").integer("version", 1, Json.MAX_INT);
    }
}
