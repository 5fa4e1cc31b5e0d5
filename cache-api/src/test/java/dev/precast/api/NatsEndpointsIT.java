package dev.precast.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.message.Endpoints;
import dev.precast.cache.Compilations;
import dev.precast.cache.Fixture;
import dev.precast.cache.Lookups;
import dev.precast.cache.event.CompileEvent;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.nats.NatsConfig;
import dev.precast.nats.NatsLink;
import dev.precast.nats.NatsLogin;
import dev.precast.nats.NatsService;
import dev.precast.testkit.server.NatsServer;
import dev.precast.testkit.server.RealServer;
import jakarta.validation.Validation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the Python program of {@code docs/nats.md} as a host, against a server with the configuration of
 * {@code deploy/nats}.
 */
class NatsEndpointsIT {
    private static final String NATS_PY = "nats-py==2.16.0";

    @TempDir
    private Path folder;

    private final Fixture fixture = new Fixture();
    /** Waits by the real clock. */
    private final Compilations compilations = fixture.compilations(InstantSource.system());

    private URI url;
    private NatsServer server;
    private NatsLink link;
    private NatsService service;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.withRoles(folder);
        url = URI.create("nats://127.0.0.1:" + server.port());
        link = NatsLink.open(NatsConfig.of(url)
                .withLogin(new NatsLogin.UserPassword("api", NatsServer.password("api")), "_INBOX.api"));
        Endpoints endpoints = new Endpoints(
                new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES),
                Validation.buildDefaultValidatorFactory().getValidator());
        service = new NatsService(
                link,
                "0.1.0",
                Map.of(
                        "compile",
                        endpoints.compile(compilations, fixture.clock),
                        "lookup",
                        endpoints.lookup(new Lookups(fixture.states, fixture.modules, fixture.usages))));
    }

    @AfterEach
    void stop() throws Exception {
        service.close();
        link.close();
        server.close();
        compilations.close();
    }

    @Test
    void python_asks_waits_and_is_answered() throws Exception {
        fixture.moduleStore.put(new ByteArrayInputStream(Fixture.WASM), null, 100);
        Thread worker = Thread.ofVirtual().start(this::work);

        JsonObject answer = Json.parse(python("compile", request())).asObject("answer");

        assertThat(answer.string("state")).isEqualTo("present");
        assertThat(answer.string("key")).isEqualTo(fixture.artifact.digest().toString());
        worker.join();
        JsonObject found = Json.parse(python(
                        "lookup", "{\"modules\":[\"" + fixture.artifact.module() + "\"],\"lanes\":[" + lane() + "]}"))
                .asObject("answer");
        assertThat(found.array("results").getFirst().asObject("result").string("state"))
                .isEqualTo("present");
    }

    @Test
    void python_gets_the_problem() throws Exception {
        assertThat(python("compile", request()))
                .isEqualTo("404 module-unknown: module " + fixture.artifact.module() + " is not stored");
        assertThat(python("lookup", "{}")).startsWith("400 bad-request: lanes: ");
    }

    private void work() {
        try {
            var delivery = fixture.queue
                    .take(Set.of(fixture.lane.id()), Duration.ofMinutes(10))
                    .orElseThrow();
            fixture.publish();
            fixture.events.publish(new CompileEvent(fixture.artifact, CompileEvent.Kind.COMPILED));
            delivery.ack();
        } catch (InterruptedException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String request() {
        return "{\"module\":\"" + fixture.artifact.module() + "\"," + lane().substring(1);
    }

    private String lane() {
        return "{\"engine\":\"" + fixture.lane.engine() + "\",\"engineHash\":\"" + fixture.lane.engineHash()
                + "\",\"config\":\"" + fixture.lane.config().hash() + "\",\"target\":\"" + fixture.lane.target()
                + "\"}";
    }

    /** Its output on both streams. */
    private String python(String endpoint, String request) throws Exception {
        String page = Files.readString(RealServer.home().resolve("docs/nats.md"));
        int start = page.indexOf("```python\n") + "```python\n".length();
        Path script = Files.writeString(folder.resolve("ask.py"), page.substring(start, page.indexOf("```", start)));
        ProcessBuilder builder = new ProcessBuilder(interpreter(), script.toString()).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "NATS_URL", url.toString(), "PRECAST_NATS_HOST", NatsServer.password("host"), "ASK", endpoint));
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(request.getBytes(StandardCharsets.UTF_8));
        }
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return printed;
    }

    private String interpreter() throws Exception {
        Path log = folder.resolve("python-with.log");
        Process finder = new ProcessBuilder(
                        RealServer.home().resolve("build/python-with").toString(), NATS_PY)
                .redirectError(log.toFile())
                .start();
        String path = new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(finder.waitFor()).as(Files.readString(log)).isZero();
        return path;
    }
}
