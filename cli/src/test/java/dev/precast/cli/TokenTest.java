package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token that commands send. */
final class TokenTest {
    @TempDir
    private Path data;

    private final LocalToken local = LocalToken.generate();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private URI url;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            sent.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            byte[] body = "{\"lanes\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        write(url, "rw-------");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void write(URI service, String mode) throws IOException {
        Path file = Files.writeString(LocalToken.file(data), local.line(service));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private CommandLineRun run(Map<String, String> variables, String... args) {
        Map<String, String> all = new HashMap<>(Map.of("PRECAST_URL", url.toString()));
        all.putAll(variables);
        return CommandLineRun.at(CommandLineRun.NOW, all, args);
    }

    @Test
    void the_local_token_is_found_in_the_data_folder() {
        Map<String, String> named = Map.of("PRECAST_DATA", data.toString());

        assertThat(run(named, "engines").exit()).isZero();
        assertThat(run(Map.of(), "engines", "--data", data.toString()).exit()).isZero();
        assertThat(run(Map.of(), "engines").exit()).isZero();

        assertThat(sent).containsExactly("Bearer " + local.secret(), "Bearer " + local.secret(), "null");
    }

    @Test
    void a_named_token_goes_before_the_local_one() {
        Map<String, String> named = Map.of("PRECAST_DATA", data.toString(), "PRECAST_TOKEN", "second");

        assertThat(run(named, "engines", "--token", "first").exit()).isZero();
        assertThat(run(named, "engines").exit()).isZero();

        assertThat(sent).containsExactly("Bearer first", "Bearer second");
    }

    @Test
    void the_local_token_of_another_port_is_not_sent() throws IOException {
        write(URI.create("http://127.0.0.1:9"), "rw-------");

        assertThat(run(Map.of("PRECAST_DATA", data.toString()), "engines").exit())
                .isZero();

        assertThat(sent).containsExactly("null");
    }

    @Test
    void a_local_token_that_others_may_read_is_refused() throws IOException {
        write(url, "rw-r--r--");
        Map<String, String> named = Map.of("PRECAST_DATA", data.toString());

        CommandLineRun engines = run(named, "engines");
        CommandLineRun doctor = run(named, "doctor");

        assertThat(engines.exit()).isEqualTo(Exit.OTHER.code());
        assertThat(engines.err()).contains("can be read or written by other users; delete it and restart the service");
        assertThat(doctor.exit()).isEqualTo(Exit.OTHER.code());
        assertThat(doctor.out()).containsPattern("fail +token +.*can be read or written by other users");
        assertThat(sent).isEmpty();
    }
}
