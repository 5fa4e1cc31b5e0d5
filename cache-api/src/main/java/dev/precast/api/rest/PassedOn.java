package dev.precast.api.rest;

import dev.precast.api.edge.Asker;
import dev.precast.api.edge.Upstream;
import dev.precast.api.edge.UpstreamException;
import dev.precast.api.json.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Answers of an edge's upstream that a host gets unchanged. */
final class PassedOn {
    private static final int BUFFER_BYTES = 1 << 16;

    private static final List<String> OF_REQUEST =
            List.of("Accept-Encoding", "Cache-Control", "If-None-Match", "If-Range", "Range");

    private static final List<String> OF_ANSWER = List.of(
            "Accept-Ranges",
            "Cache-Control",
            "Content-Encoding",
            "Content-Length",
            "Content-Range",
            "Content-Type",
            "ETag",
            "Retry-After",
            "Vary",
            "X-Content-Type-Options");

    private PassedOn() {}

    /** A document or problem. */
    static Response answer(Upstream.Answer answer) {
        return head(answer.status(), answer.headers()).entity(answer.body()).build();
    }

    private static Response.ResponseBuilder head(int status, java.net.http.HttpHeaders headers) {
        Response.ResponseBuilder response = Response.status(status);
        OF_ANSWER.forEach(name -> headers.firstValue(name).ifPresent(value -> response.header(name, value)));
        return response;
    }

    /**
     * A payload as the upstream sends it, without a check: hosts check it.
     *
     * @param expectedBytes size of the payload, if it is known
     * @param body false for HEAD
     */
    static Response payload(
            Upstream upstream,
            Asker asker,
            String path,
            HttpHeaders request,
            long expectedBytes,
            boolean body,
            DownloadGate.Download download)
            throws UpstreamException, InterruptedException {
        Problem refused = body ? download.enter().orElse(null) : null;
        if (refused != null) {
            return refused.response().build();
        }
        Map<String, String> headers = new HashMap<>();
        for (String name : OF_REQUEST) {
            String value = request.getHeaderString(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        HttpResponse<InputStream> answer = upstream.open(asker, body ? "GET" : "HEAD", path, headers, expectedBytes);
        Response.ResponseBuilder response = head(answer.statusCode(), answer.headers());
        return body ? response.entity(stream(answer.body(), download)).build() : response.build();
    }

    private static StreamingOutput stream(InputStream from, DownloadGate.Download download) {
        return out -> {
            try (from) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                    download.write(out, buffer, n);
                    download.sent(n);
                }
            }
        };
    }
}
