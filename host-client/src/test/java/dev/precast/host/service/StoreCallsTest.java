package dev.precast.host.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Requests to stores over TLS. */
final class StoreCallsTest {
    private static final ServiceCalls.Times TIMES =
            new ServiceCalls.Times(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));

    /** Answers one request; the name in the client's certificate, or "none". */
    private static CompletableFuture<String> askForCertificate(ServerSocket at) {
        ((SSLServerSocket) at).setWantClientAuth(true);
        return CompletableFuture.supplyAsync(() -> {
            try (SSLSocket socket = (SSLSocket) at.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                String line = in.readLine();
                while (line != null && !line.isEmpty()) {
                    line = in.readLine();
                }
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().flush();
                try {
                    return socket.getSession().getPeerPrincipal().getName();
                } catch (SSLPeerUnverifiedException e) {
                    return "none";
                }
            } catch (IOException e) {
                return e.toString();
            }
        });
    }

    @Test
    void the_certificate_that_this_jvm_presents_to_the_service_is_not_presented_to_stores() throws Exception {
        try (TrustedTls tls = TrustedTls.forAddress("127.0.0.1");
                ServerSocket service = tls.listen();
                ServerSocket store = tls.listen()) {
            URI origin = URI.create("https://127.0.0.1:" + store.getLocalPort());
            CompletableFuture<String> shown = askForCertificate(service);
            CompletableFuture<String> hidden = askForCertificate(store);
            ServiceCalls calls = new ServiceCalls(
                    URI.create("https://127.0.0.1:" + service.getLocalPort()), () -> null, TIMES, false);
            StoreCalls stores = new StoreCalls(List.of(StoreCalls.checked(origin)), TIMES);

            calls.send(calls.request("/v1/trust").GET(), Duration.ZERO, 100)
                    .body()
                    .close();
            stores.get(origin + "/payload?signed", "identity", calls.limits(100))
                    .body()
                    .close();

            assertThat(shown.get()).isEqualTo("CN=test");
            assertThat(hidden.get()).isEqualTo("none");
        }
    }
}
