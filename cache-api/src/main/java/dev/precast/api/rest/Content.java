package dev.precast.api.rest;

import dev.precast.api.json.Problem;
import dev.precast.artifact.Digest;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.StoreException;
import dev.precast.protocol.ProblemCode;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Streams stored bytes as a response, with a strong ETag, conditional requests and requests for one range.
 *
 * @param blob the bytes
 * @param digest the digest of the bytes, which is the ETag
 * @param type media type
 * @param encoding content encoding of the stored form; null for none
 */
record Content(
        Blob blob, Digest digest, MediaType type, @Nullable String encoding) {
    private static final int BUFFER_BYTES = 1 << 16;
    /**
     * Maximum size of an answer that is read as a whole before it is sent. Such an answer is passed to the sending
     * thread in one write instead of many, needs no place of the {@link DownloadGate}, and a failure of the store becomes
     * a problem response.
     */
    private static final int WHOLE_BYTES = 1 << 18;

    /**
     * Answers a GET or, with {@code body} false, a HEAD.
     *
     * @param download sends the body
     */
    Response response(HttpHeaders request, boolean body, DownloadGate.Download download) throws InterruptedException {
        String etag = etag(digest);
        if (matches(request.getRequestHeader(HttpHeaders.IF_NONE_MATCH), etag)) {
            return headers(Response.notModified(), etag).build();
        }
        long size = blob.size();
        String ifRange = request.getHeaderString("If-Range");
        ByteRange range = body && (ifRange == null || ifRange.equals(etag))
                ? ByteRange.parse(request.getHeaderString("Range"), size)
                : null;
        if (range != null && range.length() == 0) {
            return new Problem(ProblemCode.RANGE_NOT_SATISFIABLE, "Range: selects none of the " + size + " bytes")
                    .response()
                    .header("Content-Range", "bytes */" + size)
                    .build();
        }
        ByteRange part = range == null ? new ByteRange(0, size) : range;
        Response.ResponseBuilder response = headers(Response.status(range == null ? 200 : 206), etag)
                .type(type)
                .header("Accept-Ranges", "bytes")
                .header(HttpHeaders.CONTENT_LENGTH, part.length());
        if (encoding != null) {
            response.header(HttpHeaders.CONTENT_ENCODING, encoding);
        }
        if (range != null) {
            response.header("Content-Range", range.contentRange(size));
        }
        if (!body) {
            return response.build();
        }
        if (part.length() <= WHOLE_BYTES) {
            return response.entity(whole(part, download)).build();
        }
        Problem refused = download.enter().orElse(null);
        return refused == null
                ? response.entity(stream(part, download)).build()
                : refused.response().build();
    }

    private static Response.ResponseBuilder headers(Response.ResponseBuilder response, String etag) {
        return response.header(HttpHeaders.ETAG, etag)
                .header(HttpHeaders.VARY, "Accept-Encoding")
                .header("X-Content-Type-Options", "nosniff")
                .header(HttpHeaders.CACHE_CONTROL, "private, no-cache");
    }

    private byte[] whole(ByteRange part, DownloadGate.Download download) {
        try (InputStream in = blob.open(part.from())) {
            byte[] bytes = in.readNBytes((int) part.length());
            if (bytes.length < part.length()) {
                throw tooEarly(part.length() - bytes.length);
            }
            download.sent(bytes.length);
            return bytes;
        } catch (IOException e) {
            throw new StoreException("reading " + digest + ": " + e.getMessage(), true, e);
        }
    }

    private StreamingOutput stream(ByteRange part, DownloadGate.Download download) {
        return out -> {
            try (InputStream in = blob.open(part.from())) {
                copy(in, out, part.length(), download);
                download.sent(part.length());
            }
        };
    }

    private static void copy(InputStream in, OutputStream out, long length, DownloadGate.Download download)
            throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (long left = length; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw tooEarly(left);
            }
            download.write(out, buffer, n);
            left -= n;
        }
    }

    private static EOFException tooEarly(long missing) {
        return new EOFException("stored bytes: " + missing + " bytes are missing at the end");
    }

    /** The ETag of bytes with this digest. */
    static String etag(Digest digest) {
        return "\"" + digest + "\"";
    }

    static boolean matches(@Nullable List<String> headers, String etag) {
        if (headers == null) {
            return false;
        }
        for (String header : headers) {
            for (String item : header.split(",")) {
                String tag = item.strip();
                if (tag.equals("*") || (tag.startsWith("W/") ? tag.substring(2) : tag).equals(etag)) {
                    return true;
                }
            }
        }
        return false;
    }
}
