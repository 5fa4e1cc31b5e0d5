package dev.precast.host.service;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.precast.protocol.LocalToken;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token that a service on the same machine receives. */
final class LocalTokensTest {
    private static final String PATH = "/v1/engines";

    @TempDir
    private Path data;

    private final LocalToken token = LocalToken.generate();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private URI service;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(PATH, exchange -> {
            sent.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            try (exchange) {
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write("{}".getBytes(UTF_8));
            }
        });
        server.start();
        service = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void write(String line, String mode) throws IOException {
        Path file = Files.writeString(LocalToken.file(data), line);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void each_call_has_the_token_that_the_file_has_now() throws Exception {
        LocalToken next = LocalToken.generate();
        ServiceClient client = ServiceClient.builder(service).localToken(data).build();

        client.get(PATH);
        write(token.line(service), "rw-------");
        client.get(PATH);
        write(next.line(service), "rw-------");
        client.get(PATH);
        write(next.line(URI.create("http://127.0.0.1:9")), "rw-------");
        client.get(PATH);

        assertThat(sent).containsExactly("null", "Bearer " + token.secret(), "Bearer " + next.secret(), "null");
    }

    @Test
    void a_file_that_others_may_read_fails_the_call() throws Exception {
        write(token.line(service), "rw-r--r--");
        ServiceClient client = ServiceClient.builder(service).localToken(data).build();

        assertThatThrownBy(() -> client.get(PATH))
                .isInstanceOf(ServiceException.NoAnswer.class)
                .hasMessageStartingWith(service + ": local token " + LocalToken.file(data) + ": ")
                .hasMessageContaining("can be read or written by other users; delete it and restart the service");
        assertThat(sent).isEmpty();
    }

    @Test
    void a_host_that_sets_no_token_sends_the_one_in_its_users_data_folder() throws Exception {
        write(token.line(service), "rw-------");
        ProcessBuilder host = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Host.class.getName(),
                        service.toString())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(data.resolve("log").toFile());
        host.environment().put("PRECAST_DATA", data.toString());

        assertThat(host.start().waitFor())
                .as(Files.readString(data.resolve("log")))
                .isZero();

        assertThat(sent).containsExactly("Bearer " + token.secret());
    }

    /** A host with the default settings. */
    static final class Host {
        public static void main(String[] args) throws IOException {
            ServiceClient.of(URI.create(args[0])).get(PATH);
        }
    }
}
