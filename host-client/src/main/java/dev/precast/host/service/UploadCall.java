package dev.precast.host.service;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One upload on a connection of its own, whose answer is read while the body is sent. {@code java.net.http} reads
 * nothing before the whole body is sent, so a refusal in the middle of an upload would be lost. Not thread safe; for
 * one use.
 */
final class UploadCall implements AutoCloseable {
    private static final int PIECE = 1 << 14;
    private static final int LONGEST_JOIN_MILLIS = 1000;

    private final HttpRequest request;
    private final Upload upload;
    private final ServiceCalls.Times times;
    private final long maxBytes;
    /**
     * The TCP socket; with TLS, the one below the TLS socket. Closing it ends the writing and the reading thread;
     * closing a TLS socket could block.
     */
    private final Socket socket = new Socket(Proxy.NO_PROXY);

    private final CompletableFuture<ServiceClient.Answer> answer = new CompletableFuture<>();
    private @Nullable Thread writer;

    /**
     * @param request a request whose body is {@code upload}
     * @param maxBytes size limit of the answer's body
     */
    UploadCall(HttpRequest request, Upload upload, ServiceCalls.Times times, long maxBytes) {
        this.request = request;
        this.upload = upload;
        this.times = times;
        this.maxBytes = maxBytes;
    }

    /** Whether requests to this address go through the proxy of this JVM, which this class does not support. */
    static boolean isProxied(URI address) {
        ProxySelector selector = ProxySelector.getDefault();
        List<Proxy> proxies = selector == null ? List.of() : selector.select(address);
        return !proxies.isEmpty() && proxies.get(0).type() == Proxy.Type.HTTP;
    }

    /**
     * Sends the request and waits for the answer, which may come before the body is sent.
     *
     * @param deadline when the answer must be complete, a value of {@link System#nanoTime()}
     */
    ServiceClient.Answer send(long deadline) throws IOException, InterruptedException {
        start("precast-upload-answer", () -> {
            try {
                answer.complete(exchange());
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        return upload.await(answer, times.answer(), deadline);
    }

    private static Thread start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private ServiceClient.Answer exchange() throws IOException {
        Socket connection = connect();
        OutputStream out = connection.getOutputStream();
        Thread body = start("precast-upload", () -> write(out));
        synchronized (this) {
            writer = body;
        }
        return new AnswerReader(request.uri(), connection.getInputStream(), maxBytes).read();
    }

    private Socket connect() throws IOException {
        URI uri = request.uri();
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        InetSocketAddress address = new InetSocketAddress(host, uri.getPort() >= 0 ? uri.getPort() : tls ? 443 : 80);
        if (address.isUnresolved()) {
            throw new UnknownHostException(host);
        }
        socket.setTcpNoDelay(true);
        socket.connect(address, (int) times.connect().toMillis());
        if (!tls) {
            return socket;
        }
        try {
            SSLSocket secured = (SSLSocket)
                    SSLContext.getDefault().getSocketFactory().createSocket(socket, host, address.getPort(), true);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            return secured;
        } catch (NoSuchAlgorithmException e) {
            throw new IOException("TLS: no default context: " + e.getMessage(), e);
        }
    }

    private void write(OutputStream out) {
        try (InputStream in = upload.open()) {
            byte[] head = head();
            byte[] piece = new byte[PIECE];
            boolean taken = send(out, head, head.length);
            for (long left = upload.size(); taken && left > 0; ) {
                int n = in.read(piece, 0, (int) Math.min(left, PIECE));
                if (n < 0) {
                    throw new EOFException("module: ends after " + upload);
                }
                taken = send(out, piece, n);
                left -= n;
            }
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    /** Returns false if the server takes no more; its answer may still come. */
    private static boolean send(OutputStream out, byte[] bytes, int length) {
        try {
            out.write(bytes, 0, length);
            out.flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private byte[] head() {
        URI uri = request.uri();
        StringBuilder head = new StringBuilder(request.method())
                .append(' ')
                .append(uri.getRawPath())
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getRawAuthority())
                .append("\r\nConnection: close\r\nContent-Length: ")
                .append(upload.size())
                .append("\r\n");
        request.headers()
                .map()
                .forEach((name, values) -> values.forEach(
                        value -> head.append(name).append(": ").append(value).append("\r\n")));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Ends the upload and closes the connection. */
    @Override
    public void close() throws IOException {
        socket.close();
        Thread body;
        synchronized (this) {
            body = writer;
        }
        try {
            if (body != null) {
                body.join(LONGEST_JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
