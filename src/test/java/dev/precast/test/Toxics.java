package dev.precast.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.json.JsonObject;
import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real Toxiproxy before a server on loopback, by its REST API. */
final class Toxics implements AutoCloseable {
    private final ServerProcess server;
    private final RestCalls control;
    private final int port;
    private final List<String> names = new ArrayList<>();

    private Toxics(ServerProcess server, int port) {
        this.server = server;
        this.control = new RestCalls(URI.create("http://127.0.0.1:" + server.port()));
        this.port = port;
    }

    static Toxics before(int target, Path log) throws IOException, InterruptedException {
        int control = RealServer.freePort();
        ServerProcess server = RealServer.start(
                List.of(RealServer.find("toxiproxy-server"), "-host", "127.0.0.1", "-port", Integer.toString(control)),
                Map.of(),
                control,
                log);
        Toxics toxics = new Toxics(server, RealServer.freePort());
        toxics.post(
                "/proxies",
                JsonObject.EMPTY
                        .with("name", "it")
                        .with("listen", "127.0.0.1:" + toxics.port)
                        .with("upstream", "127.0.0.1:" + target));
        return toxics;
    }

    /** Where the server is reached by way of the proxy. */
    int port() {
        return port;
    }

    /** Answers come so much later. */
    void delay(int milliseconds) throws IOException, InterruptedException {
        add("latency", "1", "{\"latency\":" + milliseconds + "}");
    }

    /** Three connections in ten are reset. */
    void resetThreeInTen() throws IOException, InterruptedException {
        add("reset_peer", "0.3", "{\"timeout\":0}");
    }

    /** Everything passes again. */
    void heal() throws IOException, InterruptedException {
        for (String name : names) {
            assertThat(control.send("DELETE", "/proxies/it/toxics/" + name, null)
                            .statusCode())
                    .isEqualTo(204);
        }
        names.clear();
    }

    /** A fraction is no integer, which is all that our own JSON knows. */
    private void add(String type, String toxicity, String attributes) throws IOException, InterruptedException {
        names.add(type);
        String toxic = "{\"name\":\"%s\",\"type\":\"%s\",\"stream\":\"downstream\",\"toxicity\":%s,\"attributes\":%s}"
                .formatted(type, type, toxicity, attributes);
        assertThat(control.send("POST", "/proxies/it/toxics", toxic.getBytes(UTF_8))
                        .statusCode())
                .isEqualTo(200);
    }

    private void post(String path, JsonObject body) throws IOException, InterruptedException {
        assertThat(control.send("POST", path, body.canonical().getBytes(UTF_8)).statusCode())
                .isEqualTo(201);
    }

    @Override
    public void close() {
        server.close();
    }
}
