package dev.precast.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Connections that request a payload and read nothing of it. A thread replaces them one after the other, since the
 * replica closes such connections.
 */
final class SilentReaders implements AutoCloseable {
    /** About the time after which the replica closes a connection that reads nothing. */
    private static final int REPLACED_AFTER_MILLIS = 15_000;

    private static final int RECEIVE_BUFFER_BYTES = 4096;

    private final URI replica;
    private final byte[] request;
    private final Queue<Socket> sockets = new ArrayDeque<>();
    private final Thread replacing;

    private SilentReaders(URI replica, String path, int count) throws IOException {
        this.replica = replica;
        this.request = ("GET " + path + " HTTP/1.1\r\nHost: " + replica.getAuthority() + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < count; i++) {
            sockets.add(connect());
        }
        replacing = Thread.ofVirtual().start(() -> replace(REPLACED_AFTER_MILLIS / Math.max(1, count)));
    }

    /** Opens the connections. */
    static SilentReaders open(URI replica, String path, int count) throws IOException {
        return new SilentReaders(replica, path, count);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(RECEIVE_BUFFER_BYTES);
        socket.connect(new InetSocketAddress(replica.getHost(), replica.getPort()), REPLACED_AFTER_MILLIS);
        socket.getOutputStream().write(request);
        return socket;
    }

    private void replace(long pauseMillis) {
        try {
            while (true) {
                Thread.sleep(pauseMillis);
                try {
                    Socket oldest = sockets.remove();
                    oldest.close();
                    sockets.add(connect());
                } catch (IOException e) {
                    throw new IllegalStateException("connection to " + replica + ": " + e.getMessage(), e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        replacing.interrupt();
        replacing.join();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
