package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The REST calls of the command line, by docs/wire-protocol.md. Redirects are not followed. */
final class Service {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String JSON = "application/json";

    private final URI base;
    private final @Nullable String token;
    private final Surroundings around;
    private @Nullable HttpClient client;

    Service(URI base, @Nullable String token, Surroundings around) {
        this.base = base;
        this.token = token;
        this.around = around;
    }

    URI base() {
        return base;
    }

    /** An answer whose status is below 400. */
    record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {
        JsonObject json() {
            try {
                return Json.parse(body).asObject("answer");
            } catch (JsonException e) {
                throw new CommandFailed(
                        Exit.OTHER, "bad-answer", "the service's answer is not understood: " + e.getMessage(), e);
            }
        }
    }

    Answer get(String path) {
        return send(request(path, PATIENCE).GET().build());
    }

    Answer getWaiting(String path, long seconds) {
        return send(request(path, PATIENCE.plusSeconds(seconds))
                .header("Prefer", "wait=" + seconds)
                .GET()
                .build());
    }

    Answer post(String path, JsonObject body, long waitSeconds) {
        HttpRequest.Builder request =
                request(path, PATIENCE.plusSeconds(waitSeconds)).header("Content-Type", JSON);
        if (waitSeconds > 0) {
            request.header("Prefer", "wait=" + waitSeconds);
        }
        return send(request.POST(BodyPublishers.ofString(body.canonical())).build());
    }

    Answer delete(String path) {
        return send(request(path, PATIENCE).DELETE().build());
    }

    Answer put(String path, String type, byte[] body) {
        return send(request(path, PATIENCE)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofByteArray(body))
                .build());
    }

    /** Whether the service has the module; false too where this token may not ask. */
    boolean hasModule(Digest module) {
        HttpRequest head = request("/v1/modules/" + module.hex(), PATIENCE)
                .method("HEAD", BodyPublishers.noBody())
                .build();
        return exchange(head).statusCode() == 200;
    }

    /** Streams a file to the module store. */
    Answer putModule(Digest module, Path file) throws IOException {
        long size = Files.size(file);
        try (Progress progress = Progress.start(around, "push " + file.getFileName(), size)) {
            BodyPublisher stream = BodyPublishers.fromPublisher(
                    BodyPublishers.ofInputStream(() -> progress.counting(open(file))), Math.max(size, 1));
            return send(request("/v1/modules/" + module.hex(), Duration.ofMinutes(30))
                    .header("Content-Type", "application/wasm")
                    .PUT(size == 0 ? BodyPublishers.noBody() : stream)
                    .build());
        }
    }

    private static InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private HttpRequest.Builder request(String path, Duration deadline) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(deadline);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    private Answer send(HttpRequest request) {
        HttpResponse<byte[]> response = exchange(request);
        if (response.statusCode() >= 300) {
            throw Problems.failure(request.uri(), response.statusCode(), response.body());
        }
        return new Answer(response.statusCode(), response.headers(), response.body());
    }

    /**
     * Streams a payload to a file, whose content is not verified here.
     *
     * @param most the signed size; an answer that is longer is cut off
     */
    void download(String path, Path to, long most, String task) throws IOException {
        HttpRequest request = request(path, Duration.ofMinutes(30))
                .header("Accept-Encoding", "identity")
                .GET()
                .build();
        HttpResponse<InputStream> response = exchange(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw Problems.failure(request.uri(), response.statusCode(), body.readNBytes(1 << 16));
            }
            try (Progress progress = Progress.start(around, task, most);
                    OutputStream out = Files.newOutputStream(to)) {
                InputStream counted = progress.counting(body);
                byte[] buffer = new byte[1 << 16];
                long left = most;
                for (int n = counted.read(buffer); n >= 0 && left >= 0; n = counted.read(buffer)) {
                    out.write(buffer, 0, n);
                    left -= n;
                }
            }
        }
    }

    /** Any answer, also one that says no. */
    private HttpResponse<byte[]> exchange(HttpRequest request) {
        return exchange(request, BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client().send(request, handler);
        } catch (IOException e) {
            throw new CommandFailed(
                    Exit.UNREACHABLE,
                    "unreachable",
                    base + " does not answer: " + Problems.reason(e) + " (start a service with: precast serve)",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(Exit.OTHER, "interrupted", "interrupted", e);
        }
    }

    /** Any answer to a GET, with the clock of the service in its headers. */
    HttpResponse<byte[]> probe(String path) {
        return exchange(request(path, Duration.ofSeconds(5)).GET().build());
    }

    private HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
            client = made;
        }
        return made;
    }

    /** A document's canonical text. */
    static byte[] bytes(JsonObject document) {
        return document.canonical().getBytes(StandardCharsets.UTF_8);
    }
}
