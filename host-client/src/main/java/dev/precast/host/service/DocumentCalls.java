package dev.precast.host.service;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Calls that send or return JSON documents. Thread safe. */
final class DocumentCalls {
    static final int MAX_DOCUMENT = 16 << 20;
    static final int MAX_SMALL_ANSWER = 1 << 20;
    static final int MAX_PROBLEM = 1 << 16;

    private final ServiceCalls calls;
    private final Retries retries;

    DocumentCalls(ServiceCalls calls, Retries retries) {
        this.calls = calls;
        this.retries = retries;
    }

    /** Gets a document of up to {@link #MAX_DOCUMENT} bytes. */
    JsonObject get(String path) throws IOException {
        return json(calls.request(path).GET(), Duration.ZERO, MAX_DOCUMENT);
    }

    HttpRequest.Builder posting(String path, JsonObject body) throws ServiceException {
        return calls.request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.canonical()));
    }

    /**
     * Sends a request and reads the document in the answer.
     *
     * @param wait how long the service may wait before it answers, in whole seconds
     * @throws ServiceException.Problem if the status is not 2xx
     */
    JsonObject json(HttpRequest.Builder request, Duration wait, int maxBytes) throws IOException {
        if (wait.toSeconds() > 0) {
            request.header("Prefer", "wait=" + wait.toSeconds());
        }
        return parse(answer(request, wait, maxBytes));
    }

    /**
     * Sends a request and reads the answer.
     *
     * @param extra additional time for the whole exchange, such as a requested wait
     * @throws ServiceException.Problem if the status is not 2xx
     */
    ServiceClient.Answer answer(HttpRequest.Builder request, Duration extra, long maxBytes) throws IOException {
        return retries.run(() -> successful(calls.send(request, extra, maxBytes)));
    }

    /** Reads an answer whose status is 2xx. */
    static ServiceClient.Answer successful(HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() / 100 != 2) {
            throw problem(response);
        }
        return ServiceClient.Answer.of(response);
    }

    static ServiceException.Problem problem(HttpResponse<InputStream> response) throws IOException {
        try (InputStream in = response.body()) {
            return ServiceException.Problem.of(
                    String.valueOf(response.uri()),
                    new ServiceClient.Answer(response.statusCode(), response.headers(), in.readNBytes(MAX_PROBLEM)));
        }
    }

    JsonObject parse(ServiceClient.Answer answer) throws ServiceException.BadAnswer {
        try {
            return Json.parse(answer.body()).asObject("answer");
        } catch (IllegalArgumentException e) {
            throw malformed("answer", e);
        }
    }

    ServiceException.BadAnswer malformed(String path, IllegalArgumentException e) {
        return new ServiceException.BadAnswer(calls + ": " + path + ": malformed answer: " + e.getMessage(), e);
    }
}
