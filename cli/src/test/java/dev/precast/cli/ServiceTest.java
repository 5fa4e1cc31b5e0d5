package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers that begin well and then stall or end. */
@Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ServiceTest {
    @TempDir
    private Path folder;

    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;
    private Service service;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/whole", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, 10);
                exchange.getResponseBody().write(new byte[10]);
            }
        });
        server.createContext("/stalls", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            OutputStream body = exchange.getResponseBody();
            body.write(new byte[10]);
            body.flush();
            await(over);
            exchange.close();
        });
        server.createContext("/ends", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
        service = new Service(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                null,
                CommandLineRun.around(),
                Duration.ofSeconds(5));
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_whole_answer_is_read() throws Exception {
        assertThat(service.get("/whole").body()).hasSize(10);
        service.download("/whole", folder.resolve("file"), 10, "get");
        assertThat(Files.size(folder.resolve("file"))).isEqualTo(10);
    }

    @Test
    void a_body_that_stalls_is_given_up() {
        assertThatThrownBy(() -> service.get("/stalls")).satisfies(ServiceTest::isUnreachable);
        assertThatThrownBy(() -> service.download("/stalls", folder.resolve("file"), 1000, "get"))
                .satisfies(ServiceTest::isUnreachable);
    }

    @Test
    void a_body_that_ends_too_soon_is_the_services_fault() {
        assertThatThrownBy(() -> service.get("/ends")).satisfies(ServiceTest::isUnreachable);
        assertThatThrownBy(() -> service.download("/ends", folder.resolve("file"), 1000, "get"))
                .satisfies(ServiceTest::isUnreachable);
    }

    private static void isUnreachable(Throwable thrown) {
        assertThat(thrown).isInstanceOfSatisfying(CommandFailed.class, failed -> {
            assertThat(failed.exit()).isEqualTo(Exit.UNREACHABLE);
            assertThat(failed.text()).contains("10 bytes");
        });
    }
}
