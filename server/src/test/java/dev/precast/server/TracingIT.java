package dev.precast.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces reach a collector that speaks OTLP over HTTP. */
final class TracingIT {
    @TempDir
    Path folder;

    @Test
    void a_request_is_exported_as_a_span() throws Exception {
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        HttpServer collector = collector(received);
        try (ServerProcess server = RealServer.precast(
                        folder.resolve("data"),
                        "-Dprecast.tracing.endpoint=http://127.0.0.1:"
                                + collector.getAddress().getPort(),
                        "-Dquarkus.otel.exporter.otlp.protocol=http/protobuf",
                        "-Dquarkus.otel.bsp.schedule.delay=100ms");
                Client client = Client.local(server.address(), folder.resolve("data"))) {
            client.upload(CopyPack.module("traced"));

            // Protobuf writes texts as they are.
            String spans = "";
            for (int i = 0; i < 20 && !spans.contains("PUT /v1/modules/{"); i++) {
                String more = received.poll(5, TimeUnit.SECONDS);
                spans += more == null ? "" : more;
            }
            assertThat(spans)
                    .contains("service.name", "precast", "PUT /v1/modules/{", "http.response.status_code")
                    .startsWith("POST /v1/traces application/x-protobuf");
        } finally {
            collector.stop(0);
        }
    }

    private static HttpServer collector(BlockingQueue<String> received) throws IOException {
        HttpServer collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", exchange -> {
            received.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type")
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        return collector;
    }
}
