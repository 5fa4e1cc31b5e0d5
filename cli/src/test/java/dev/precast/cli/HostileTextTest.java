package dev.precast.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A service whose texts contain control characters of terminals: no command prints one. */
final class HostileTextTest {
    private static final String EVIL = "x\u001b]0;title\u0007\u009b2J\u202e\r\u2066y";
    private static final String SHOWN = "x\\u001b]0;title\\u0007\\u009b2J\\u202e\\u000d\\u2066y";
    private static final String MODULE = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    private static final String ROOT = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    @TempDir
    Path folder;

    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                byte[] body = answer.getBytes(UTF_8);
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private CommandLineRun run(String command) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        CommandLineRun run = CommandLineRun.at(CommandLineRun.NOW, Map.of("PRECAST_URL", url), command.split(" ", -1));
        assertThat((run.out() + run.err()).codePoints())
                .as(command)
                .noneMatch(c -> (Character.isISOControl(c) && c != '\n') || Character.getType(c) == Character.FORMAT);
        return run;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "engines",
                "compile --engine toy " + MODULE,
                "get --engine toy --out /nonexistent --trust-root " + ROOT + " " + MODULE,
                "queue dead",
                "queue retry " + MODULE,
                "retire --unused-for 1d",
                "warm --all-lanes " + MODULE,
                "doctor",
                "trust policy show --trust-root " + ROOT,
            })
    void problems_and_answers_of_other_servers_are_cleaned(String command) {
        String problem = JsonObject.EMPTY
                .with("code", EVIL)
                .with("title", EVIL)
                .with("detail", EVIL)
                .canonical();
        for (int code : new int[] {200, 404, 422, 503}) {
            for (String body : List.of(problem, "[\"" + EVIL + "\"]", "{\"lanes\":[\"" + EVIL + "\"]}", EVIL)) {
                status = code;
                answer = body;
                CommandLineRun plain = run(command);
                if (body.equals(problem) && code == 503) {
                    assertThat(plain.out() + plain.err()).contains(SHOWN);
                }
                assertThat(run(command + " --json").json().members()).isNotEmpty();
            }
        }
    }

    @Test
    void documents_are_cleaned_and_JSON_keeps_its_meaning() {
        JsonObject key =
                JsonObject.EMPTY.with("module", EVIL).with("engine", EVIL).with("target", EVIL);
        JsonObject letter = JsonObject.EMPTY
                .with("keyDigest", EVIL)
                .with("key", key)
                .with("attempts", Json.of(5))
                .with("at", EVIL)
                .with("reason", EVIL);
        JsonObject letters = JsonObject.EMPTY.with("letters", Json.of(List.of(letter)));
        answer = letters.canonical();

        assertThat(run("queue dead").out().split(Pattern.quote(SHOWN), -1)).hasSize(7);
        assertThat(run("queue dead --json").json()).isEqualTo(letters);
    }

    @Test
    void names_of_files_and_options_are_cleaned() throws IOException {
        Path module = Files.write(folder.resolve("evil\u001b[2J.wasm"), new byte[] {0, 'a', 's', 'm'});

        assertThat(run("inspect " + module).err()).contains("\\u001b[2J.wasm");
        assertThat(run("--no-such-option" + EVIL).err()).contains(SHOWN);
    }
}
