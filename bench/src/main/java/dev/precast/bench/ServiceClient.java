package dev.precast.bench;

import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The two calls that a compilation takes. */
final class ServiceClient implements AutoCloseable {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    ServiceClient(String address) {
        this.address = address;
    }

    void push(byte[] wasm) throws IOException, InterruptedException {
        send(request("/v1/modules/" + ModuleDigest.of(wasm).digest().hex())
                .PUT(HttpRequest.BodyPublishers.ofByteArray(wasm)));
    }

    /** Milliseconds from the request for a module that is stored to the answer that its artifact is there. */
    double compile(ModuleDigest module) throws IOException, InterruptedException {
        JsonObject lane = send(request("/v1/engines").GET()).array("lanes").stream()
                .map(each -> each.asObject("lane"))
                .filter(each -> each.string("engine").startsWith("chicory@")
                        && each.string("profile").equals("default"))
                .findFirst()
                .orElseThrow(() -> new IOException("the service has no lane for Chicory"));
        JsonObject body = JsonObject.EMPTY
                .with("module", module.toString())
                .with("engine", lane.string("engine"))
                .with("engineHash", lane.string("engineHash"))
                .with("config", lane.string("configHash"))
                .with("target", lane.string("target"))
                .with("priority", "hot");
        long start = System.nanoTime();
        JsonObject answer = send(request("/v1/compilations")
                .header("Content-Type", "application/json")
                .header("Prefer", "wait=300")
                .POST(HttpRequest.BodyPublishers.ofString(body.canonical())));
        if (!answer.string("state").equals("present")) {
            throw new IOException("module " + module + " is " + answer.string("state") + " after 300 s");
        }
        return (System.nanoTime() - start) / 1e6;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(330));
    }

    private JsonObject send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() >= 300) {
            throw new IOException("the service answered " + answer.statusCode() + ": "
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return Json.parse(answer.body()).asObject("answer");
    }

    @Override
    public void close() {
        client.close();
    }
}
