package dev.precast.cli;

import dev.precast.artifact.Digest;
import dev.precast.host.BodyStream;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The REST calls of the command line, by docs/wire-protocol.md. Redirects are not followed. */
final class Service {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String JSON = "application/json";
    private static final int MAX_ANSWER = 256 << 20;
    private static final int MAX_PROBLEM = 1 << 16;
    private static final int BUFFER = 1 << 16;
    /** What a payload's download has to reach after the patience. */
    private static final int LEAST_BYTES_A_SECOND = 256 << 10;

    private final URI base;
    private final @Nullable String token;
    private final Surroundings around;
    private final Duration patience;
    private @Nullable HttpClient client;

    Service(URI base, @Nullable String token, Surroundings around) {
        this(base, token, around, PATIENCE);
    }

    /** @param patience until an answer begins, and from then on until it is whole */
    Service(URI base, @Nullable String token, Surroundings around, Duration patience) {
        this.base = base;
        this.token = token;
        this.around = around;
        this.patience = patience;
    }

    URI base() {
        return base;
    }

    /** A whole answer. */
    record Answer(int statusCode, HttpHeaders headers, byte[] body) {
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
        return send(request(path, patience).GET().build());
    }

    Answer getWaiting(String path, long seconds) {
        return send(request(path, patience.plusSeconds(seconds))
                .header("Prefer", "wait=" + seconds)
                .GET()
                .build());
    }

    Answer post(String path, JsonObject body, long waitSeconds) {
        HttpRequest.Builder request =
                request(path, patience.plusSeconds(waitSeconds)).header("Content-Type", JSON);
        if (waitSeconds > 0) {
            request.header("Prefer", "wait=" + waitSeconds);
        }
        return send(request.POST(BodyPublishers.ofString(body.canonical())).build());
    }

    Answer delete(String path) {
        return send(request(path, patience).DELETE().build());
    }

    Answer put(String path, String type, byte[] body) {
        return send(request(path, patience)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofByteArray(body))
                .build());
    }

    /** Whether the service has the module; false too where this token may not ask. */
    boolean hasModule(Digest module) {
        HttpRequest head = request("/v1/modules/" + module.hex(), patience)
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

    /** An answer that does not say no. */
    private Answer send(HttpRequest request) {
        Answer answer = exchange(request);
        if (answer.statusCode() >= 300) {
            throw Problems.failure(request.uri(), answer.statusCode(), answer.body());
        }
        return answer;
    }

    /**
     * Streams a payload to a file, whose content is not verified here.
     *
     * @param most the signed size; an answer that is longer is cut off
     * @throws IOException if the file cannot be written
     */
    void download(String path, Path to, long most, String task) throws IOException {
        HttpRequest request = request(path, patience)
                .header("Accept-Encoding", "identity")
                .GET()
                .build();
        HttpResponse<InputStream> response =
                open(request, Long.MAX_VALUE, patience.plusSeconds(most / LEAST_BYTES_A_SECOND));
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw Problems.failure(request.uri(), response.statusCode(), read(body, MAX_PROBLEM));
            }
            try (Progress progress = Progress.start(around, task, most);
                    OutputStream out = Files.newOutputStream(to)) {
                InputStream counted = progress.counting(body);
                long left = most;
                for (byte[] some = read(counted, BUFFER); some.length > 0 && left >= 0; some = read(counted, BUFFER)) {
                    out.write(some);
                    left -= some.length;
                }
            }
        }
    }

    /** Any answer, also one that says no. */
    private Answer exchange(HttpRequest request) {
        HttpResponse<InputStream> response = open(request, MAX_ANSWER, patience);
        try (InputStream body = response.body()) {
            return new Answer(response.statusCode(), response.headers(), read(body, MAX_ANSWER));
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    /**
     * An answer that has begun.
     *
     * @param time for its body, from then on
     */
    private HttpResponse<InputStream> open(HttpRequest request, long maxBytes, Duration time) {
        try {
            return client().send(request, info -> new BodyStream(maxBytes, System.nanoTime() + time.toNanos()));
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

    /** Up to so many bytes of an answer. */
    private byte[] read(InputStream body, int most) {
        try {
            return body.readNBytes(most);
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    private CommandFailed brokenOff(IOException e) {
        return new CommandFailed(Exit.UNREACHABLE, "unreachable", base + ": " + e.getMessage(), e);
    }

    /** Any answer to a GET, with the clock of the service in its headers. */
    Answer probe(String path) {
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
