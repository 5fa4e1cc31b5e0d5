package dev.precast.host.service;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one HTTP/1.1 answer (RFC 9112) with size limits. Not thread safe. */
final class AnswerReader {
    private static final int MAX_HEAD = 64 << 10;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])( .*)?");
    private static final Pattern HEADER = Pattern.compile("([!-9;-~]+):[ \t]*(.*?)[ \t]*");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,8})([ \t]*;.*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private final URI address;
    private final InputStream in;
    private final long maxBytes;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private int headBytes;

    /**
     * @param address address of the request, for messages
     * @param maxBytes maximum size of the body; a longer one is a {@link ServiceException.BadAnswer}
     */
    AnswerReader(URI address, InputStream in, long maxBytes) {
        this.address = address;
        this.in = new BufferedInputStream(in);
        this.maxBytes = maxBytes;
    }

    /** Reads the final answer; skips informational ones. */
    ServiceClient.Answer read() throws IOException {
        while (true) {
            int status = Integer.parseInt(match(STATUS, line(), "status line").group(1));
            HttpHeaders headers = headers();
            if (status >= 200) {
                readBody(status, headers);
                return new ServiceClient.Answer(status, headers, body.toByteArray());
            }
        }
    }

    private HttpHeaders headers() throws IOException {
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher header = match(HEADER, line, "header");
            headers.computeIfAbsent(header.group(1), name -> new ArrayList<>()).add(header.group(2));
        }
        return HttpHeaders.of(headers, (name, value) -> true);
    }

    private void readBody(int status, HttpHeaders headers) throws IOException {
        if (status == 204 || status == 304) {
            return;
        }
        String coding = headers.firstValue("Transfer-Encoding").orElse("").toLowerCase(Locale.ROOT);
        String length = headers.firstValue("Content-Length").orElse("");
        if (coding.equals("chunked")) {
            readChunks();
        } else if (!coding.isEmpty()) {
            throw malformed("transfer encoding", coding);
        } else if (length.isEmpty()) {
            take(maxBytes + 1, false);
        } else {
            take(Long.parseLong(match(LENGTH, length, "content length").group()), true);
        }
    }

    private void readChunks() throws IOException {
        while (true) {
            int size = Integer.parseUnsignedInt(match(CHUNK, line(), "chunk").group(1), 16);
            if (size == 0) {
                headers();
                return;
            }
            take(Integer.toUnsignedLong(size), true);
            if (!line().isEmpty()) {
                throw malformed("chunk", "no line end");
            }
        }
    }

    private void take(long length, boolean whole) throws IOException {
        byte[] piece = new byte[1 << 13];
        for (long left = length; left > 0; ) {
            int n = in.read(piece, 0, (int) Math.min(left, piece.length));
            if (n < 0 && whole) {
                throw new EOFException("answer cut off, after " + body.size() + " bytes");
            }
            if (n < 0) {
                return;
            }
            if (body.size() + n > maxBytes) {
                throw new ServiceException.BadAnswer(
                        address + ": answer too large (expected at most " + maxBytes + " bytes)", null);
            }
            body.write(piece, 0, n);
            left -= n;
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("connection closed before the end of the answer");
            }
            if (++headBytes > MAX_HEAD) {
                throw malformed("headers", "more than " + MAX_HEAD + " bytes");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private Matcher match(Pattern pattern, String text, String what) throws ServiceException.BadAnswer {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw malformed(what, text);
        }
        return matcher;
    }

    private ServiceException.BadAnswer malformed(String what, String found) {
        return new ServiceException.BadAnswer(address + ": malformed HTTP answer: " + what + ": " + found, null);
    }
}
