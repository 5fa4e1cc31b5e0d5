package dev.precast.server;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.LocalToken;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** A client of the wire protocol that shows status, headers and body of each answer. */
final class Client implements AutoCloseable {
    private final URI base;
    private final Optional<Path> data;
    private final HttpClient http = HttpClient.newHttpClient();

    private Client(URI base, Optional<Path> data) {
        this.base = base;
        this.data = data;
    }

    /** A client that sends no token unless a call names one. */
    static Client anonymous(URI base) {
        return new Client(base, Optional.empty());
    }

    /** A client that sends the local token in the server's data folder unless a call names another one. */
    static Client local(URI base, Path data) {
        return new Client(base, Optional.of(data));
    }

    /** The header {@code Authorization} with the local token. */
    static String authorization(URI server, Path data) throws IOException {
        return "Bearer " + LocalToken.find(data, server).orElseThrow().secret();
    }

    /** An answer. */
    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        byte[] body() {
            return response.body();
        }

        String text() {
            return new String(body(), StandardCharsets.UTF_8);
        }

        JsonObject json() {
            return Json.parse(body()).asObject("answer");
        }

        /** Code of the problem; fails if the answer is none. */
        String problem() {
            String type = header("content-type");
            if (!type.equals("application/problem+json") || json().integer("status", 400, 599) != status()) {
                throw new AssertionError("no problem details: " + status() + " " + type + " " + text());
            }
            return json().string("code");
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    Answer get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, new byte[0], headers);
    }

    Answer post(String path, JsonObject body, String... headers) throws IOException, InterruptedException {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 2, headers.length);
        all[0] = "Content-Type";
        all[1] = "application/json";
        return send("POST", path, body.canonical().getBytes(StandardCharsets.UTF_8), all);
    }

    Answer send(String method, String path, byte[] body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofMinutes(5))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (data.isPresent()) {
            request.setHeader("Authorization", authorization(base, data.get()));
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return new Answer(http.send(request.build(), BodyHandlers.ofByteArray()));
    }

    /** Uploads a module; its digest. */
    Digest upload(byte[] module) throws IOException, InterruptedException {
        Digest digest = Digest.of(module);
        Answer answer = send("PUT", "/v1/modules/" + digest.hex(), module);
        if (answer.status() > 201) {
            throw new AssertionError(answer.status() + " " + answer.text());
        }
        return digest;
    }

    /** The only lane, as requests name it. */
    JsonObject lane() throws IOException, InterruptedException {
        JsonObject offer = get("/v1/engines").json().array("lanes").getFirst().asObject("lane");
        return JsonObject.EMPTY
                .with("engine", offer.string("engine"))
                .with("engineHash", offer.string("engineHash"))
                .with("config", offer.string("configHash"))
                .with("target", offer.string("target"));
    }

    /** Asks for an artifact. */
    Answer compile(Digest module, String... headers) throws IOException, InterruptedException {
        return post("/v1/compilations", lane().with("module", module.toString()), headers);
    }

    /** The result of a lookup of one module. */
    JsonObject lookup(Digest module) throws IOException, InterruptedException {
        JsonObject request = JsonObject.EMPTY
                .with("modules", Json.ofStrings(List.of(module.toString())))
                .with("lanes", Json.of(List.of(lane())));
        return post("/v1/lookups", request).json().array("results").getFirst().asObject("result");
    }

    /** The value of a metric, whose name includes its tags; empty if the server does not have the metric yet. */
    OptionalDouble metric(String name, String... headers) throws IOException, InterruptedException {
        return get("/q/metrics", headers)
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst();
    }

    @Override
    public void close() {
        http.close();
    }
}
