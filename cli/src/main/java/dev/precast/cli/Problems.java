package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;

/** What the service's problem details (RFC 9457) mean for the exit code. */
final class Problems {
    private Problems() {}

    static CommandFailed failure(URI uri, int status, byte[] body) {
        String code = "http-" + status;
        String detail = uri + " answered " + status;
        try {
            JsonObject problem = Json.parse(body).asObject("problem");
            code = member(problem, "code", code);
            detail = member(problem, "detail", member(problem, "title", detail));
        } catch (JsonException e) {
            // No problem document: a proxy in between, or another service.
        }
        return new CommandFailed(exit(status, code), code, detail);
    }

    static Exit exit(int status, String code) {
        return switch (code) {
            case "module-rejected", "not-wasm", "component-unsupported", "module-too-large" -> Exit.REJECTED;
            case "compilation-failed", "engine-not-served" -> Exit.NOT_FOUND;
            case "policy-refused", "trust-refused" -> Exit.UNVERIFIED;
            default ->
                switch (status) {
                    case 404 -> Exit.NOT_FOUND;
                    case 422 -> Exit.REJECTED;
                    case 502, 503, 504 -> Exit.UNREACHABLE;
                    default -> Exit.OTHER;
                };
        };
    }

    /** Why an exchange failed, in words. */
    static String reason(IOException e) {
        if (e instanceof ConnectException) {
            return "connection refused";
        }
        if (e instanceof HttpTimeoutException) {
            return "no answer in time";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static String member(JsonObject from, String name, String otherwise) {
        return from.find(name)
                .filter(Json.Text.class::isInstance)
                .map(value -> value.asString(name))
                .orElse(otherwise);
    }
}
