package dev.precast.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection on which a test writes HTTP itself. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket = new Socket();

    /** Connects from an address of loopback, such as 127.0.0.2. */
    RawClient(URI server, String from) throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(new InetSocketAddress("127.0.0.1", server.getPort()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    void send(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a head; headers are separated by line feeds. */
    void head(String request, String headers) throws IOException {
        send(request + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + headers.strip().replace("\n", "\r\n")
                + (headers.isBlank() ? "\r\n" : "\r\n\r\n"));
    }

    /** Reads the head of an answer and as many bytes of its body as it announces; the lines of the head. */
    List<String> answer() throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int length = 0;
        for (int c = socket.getInputStream().read();
                ;
                c = socket.getInputStream().read()) {
            if (c < 0) {
                throw new IOException("connection closed after " + lines + line);
            }
            if (c != '\n') {
                line.append((char) c);
                continue;
            }
            String text = line.toString().strip();
            line.setLength(0);
            if (text.isEmpty()) {
                socket.getInputStream().skipNBytes(length);
                return lines;
            }
            if (text.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(text.substring(15).strip());
            }
            lines.add(text);
        }
    }

    int status() throws IOException {
        return Integer.parseInt(answer().getFirst().split(" ", 3)[1]);
    }

    /** Waits until the server closes the connection; false if it does not, within the time. */
    boolean isClosedWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException reset) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
