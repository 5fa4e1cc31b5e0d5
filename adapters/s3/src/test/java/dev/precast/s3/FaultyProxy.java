package dev.precast.s3;

import dev.precast.testkit.server.S3Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A proxy that passes requests to a server on loopback, one per connection, and applies the faults that a test selects.
 */
final class FaultyProxy implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");

    private final ServerSocket listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final int target;
    private final Function<String, Fate> fates;

    /** @param fates selects the fate of a request by its head, which begins with {@code PUT /bucket/key HTTP/1.1} */
    FaultyProxy(int target, Function<String, Fate> fates) throws IOException {
        this.target = target;
        this.fates = fates;
        Thread.ofVirtual().start(this::accept);
    }

    /** The fate of a request. */
    enum Fate {
        PASS,
        /** The server executes the request, but the client gets no answer. */
        LOSE_ANSWER,
        /** The proxy answers 503; the request does not reach the server. */
        UNAVAILABLE,
        /** The proxy answers 400, as a server does that does not know a header; the request does not reach the server. */
        REFUSED,
        /** The proxy answers 409; the request does not reach the server. */
        CONFLICT,
        /** The proxy answers 507, as a full server does; the request does not reach the server. */
        FULL,
        /** The server executes the request without its condition: some servers ignore conditions. */
        IGNORE_CONDITION
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            String head = head(in);
            if (head.isEmpty()) {
                return;
            }
            if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
                client.getOutputStream().write(bytes("HTTP/1.1 100 Continue\r\n\r\n"));
            }
            Matcher length = LENGTH.matcher(head);
            byte[] body = in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
            OutputStream out = client.getOutputStream();
            switch (fates.apply(head)) {
                case PASS -> forward(head, body, out);
                case LOSE_ANSWER -> forward(head, body, OutputStream.nullOutputStream());
                case UNAVAILABLE -> out.write(error("503 Service Unavailable", "ServiceUnavailable"));
                case REFUSED -> out.write(error("400 Bad Request", "InvalidArgument"));
                case CONFLICT -> out.write(error("409 Conflict", "ConditionalRequestConflict"));
                case FULL -> out.write(error("507 Insufficient Storage", "XMinioStorageFull"));
                case IGNORE_CONDITION -> out.write(unconditional(head, body));
            }
        } catch (IOException e) {
            return; // The client has gone, or the server: both find out.
        }
    }

    private void forward(String head, byte[] body, OutputStream answer) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            String once = head.replaceAll("(?im)^(expect|connection):.*\r\n", "")
                    .replaceFirst("\r\n\r\n$", "\r\nConnection: close\r\n\r\n");
            server.getOutputStream().write(bytes(once));
            server.getOutputStream().write(body);
            server.getInputStream().transferTo(answer);
        }
    }

    /** The request without its condition, signed again because conditions are signed. */
    private byte[] unconditional(String head, byte[] body) {
        String key = head.substring(head.indexOf('/', head.indexOf('/') + 1) + 1, head.indexOf(" HTTP/"));
        try (S3Client client = S3Client.builder()
                .endpointOverride(URI.create("http://127.0.0.1:" + target))
                .region(Region.US_EAST_1)
                .credentialsProvider(Gateway.CREDENTIALS)
                .forcePathStyle(true)
                .build()) {
            String version = "";
            if (head.startsWith("PUT")) {
                version = client.putObject(r -> r.bucket(S3Server.BUCKET).key(key), RequestBody.fromBytes(body))
                        .eTag();
            } else {
                client.deleteObject(r -> r.bucket(S3Server.BUCKET).key(key));
            }
            return bytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\nETag: " + version + "\r\n\r\n");
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            String text = b == '\n' ? head.toString(StandardCharsets.ISO_8859_1) : "";
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
        return "";
    }

    private static byte[] error(String status, String code) {
        String body = "<Error><Code>" + code + "</Code><Message>a test says so</Message></Error>";
        return bytes("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
