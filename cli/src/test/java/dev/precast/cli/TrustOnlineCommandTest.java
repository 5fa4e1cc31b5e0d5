package dev.precast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code trust online} on files, and commands against a service that serves files. */
final class TrustOnlineCommandTest {
    @TempDir
    private Path folder;

    private HttpServer server;
    private final Map<String, Path> served = new ConcurrentHashMap<>();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private Instant now = CommandLineRun.NOW;

    @BeforeEach
    void a_root_a_policy_and_an_appointed_key() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                String path = exchange.getRequestURI().getPath();
                Path file = served.get(path);
                if (exchange.getRequestMethod().equals("PUT")) {
                    received.add(path);
                }
                byte[] body = file == null ? "{\"lanes\":[]}".getBytes(UTF_8) : Files.readAllBytes(file);
                boolean found = file != null
                        || !path.startsWith("/v1/trust")
                        || exchange.getRequestMethod().equals("PUT");
                exchange.sendResponseHeaders(found ? 200 : 404, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        ok("trust root create --out .");
        ok("trust policy create --policy policy.json --root-key root.key");
        ok("trust online create --out .");
        ok("trust online appoint online.pub --out appointment.json --root-key root.key");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Runs a command with file names below the folder; words of options and commands contain no dot. */
    private CommandLineRun run(String line) {
        List<String> words = new ArrayList<>();
        for (String word : line.split(" ", -1)) {
            words.add(
                    word.equals(".") || word.matches("[\\w-]+\\.\\w+")
                            ? folder.resolve(word).toString()
                            : word);
        }
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        return CommandLineRun.at(now, Map.of("PRECAST_URL", url), words.toArray(String[]::new));
    }

    private CommandLineRun ok(String line) {
        CommandLineRun run = run(line);
        assertThat(run.exit()).as(line + "\n" + run.err()).isZero();
        return run;
    }

    private CommandLineRun sign() {
        return run(
                "trust online sign --key online.key --appointment appointment.json --policy policy.json --out proof.json"
                        + " --trust-root root.pub --json");
    }

    @Test
    void a_key_is_appointed_and_signs_that_the_policy_is_current() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("online.key"))))
                .isEqualTo("rw-------");

        assertThat(sign().exit()).isZero();
        JsonObject shown = ok("trust online show --proof proof.json --trust-root root.pub --json")
                .json();

        assertThat(shown.object("statement").integer("version", 0, 9)).isEqualTo(1);
        assertThat(shown.object("statement").string("expiresAt")).isEqualTo("2026-06-02T12:00:00Z");
        assertThat(shown.object("appointment").integer("version", 0, 9)).isEqualTo(1);
        assertThat(shown.object("appointment").string("expiresAt")).isEqualTo("2026-08-30T12:00:00Z");
        assertThat(shown.object("appointment").string("publicKey"))
                .isEqualTo(Files.readString(folder.resolve("online.pub")).strip());
        now = now.plus(Duration.ofDays(1));
        CommandLineRun late = run("trust online show --proof proof.json --trust-root root.pub");
        assertThat(late.exit()).isEqualTo(5);
        assertThat(late.err()).contains("expired at 2026-06-02T12:00:00Z");
    }

    @Test
    void an_appointment_in_the_same_file_gets_the_next_version() {
        assertThat(ok("trust online appoint online.pub --out appointment.json --root-key root.key --days 10 --json")
                        .json()
                        .integer("version", 0, 9))
                .isEqualTo(2);
        assertThat(ok("trust online appoint online.pub --out other.json --root-key root.key --number 7 --json")
                        .json()
                        .integer("version", 0, 9))
                .isEqualTo(7);
        assertThat(run("trust online appoint root.pub --out appointment.json --root-key root.key")
                        .err())
                .contains("appoints the root key");
        ok("trust online appoint online.pub --out appointment.json --root-key root.key");
    }

    @Test
    void a_key_that_the_root_did_not_appoint_proves_nothing() {
        ok("trust online create --out " + folder.resolve("thief"));

        CommandLineRun run = run("trust online sign --key " + folder.resolve("thief/online.key")
                + " --appointment appointment.json --policy policy.json --out proof.json --trust-root root.pub");

        assertThat(run.exit()).isEqualTo(5);
        assertThat(folder.resolve("proof.json")).doesNotExist();
    }

    @Test
    void the_appointment_is_published_before_the_policy() {
        ok("trust policy publish policy.json --appointment appointment.json");
        ok("trust online publish appointment.json");

        assertThat(received).containsExactly("/v1/trust/current", "/v1/trust", "/v1/trust/current");
    }

    @Test
    void an_old_policy_of_a_service_is_not_signed_again() throws Exception {
        Path old = Files.copy(folder.resolve("policy.json"), folder.resolve("old.json"));
        ok("trust policy rotate --policy policy.json --root-key root.key");
        assertThat(sign().exit()).isZero();
        served.put("/v1/trust", old);
        String rotate = "trust policy rotate --root-key root.key";

        assertThat(ok(rotate).err()).contains("no online key has signed that it is current");
        served.put("/v1/trust/current", folder.resolve("proof.json"));
        CommandLineRun refused = run(rotate);
        assertThat(refused.exit()).isEqualTo(5);
        assertThat(refused.err()).contains("version 1 is not current: version 2");
        served.put("/v1/trust", folder.resolve("policy.json"));
        assertThat(ok(rotate).err()).isEmpty();
        assertThat(received).hasSize(2);
    }

    @Test
    void the_doctor_says_when_policy_and_proof_are_missing_old_or_expired() {
        assertThat(doctor()).isEqualTo("policy=fail");
        served.put("/v1/trust", folder.resolve("policy.json"));
        assertThat(doctor()).isEqualTo("policy=ok proof=warn");
        assertThat(sign().exit()).isZero();
        served.put("/v1/trust/current", folder.resolve("proof.json"));
        assertThat(doctor()).isEqualTo("policy=ok proof=ok online key=ok");

        now = now.plus(Duration.ofDays(60));
        assertThat(doctor()).isEqualTo("policy=warn proof=fail");
        assertThat(sign().exit()).isZero();
        assertThat(doctor()).isEqualTo("policy=warn proof=ok online key=warn");
        now = now.plus(Duration.ofDays(30));
        assertThat(doctor()).isEqualTo("policy=fail");
    }

    private String doctor() {
        List<String> found = new ArrayList<>();
        run("doctor --json --trust-root root.pub").json().array("checks").forEach(check -> {
            String name = check.asObject("check").string("check");
            if (List.of("policy", "proof", "online key").contains(name)) {
                found.add(name + "=" + check.asObject("check").string("health"));
            }
        });
        return String.join(" ", found);
    }
}
