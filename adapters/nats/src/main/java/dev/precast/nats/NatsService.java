package dev.precast.nats;

import dev.precast.cache.message.Endpoint;
import dev.precast.json.JsonObject;
import io.nats.client.Connection;
import io.nats.client.impl.Headers;
import io.nats.client.support.JsonValue;
import io.nats.service.Group;
import io.nats.service.Service;
import io.nats.service.ServiceBuilder;
import io.nats.service.ServiceEndpoint;
import io.nats.service.ServiceMessage;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The micro service {@code precast} (ADR-32 of NATS): found by {@code $SRV}, asked under {@code precast.v1.<endpoint>}.
 * Processes that start it share the requests. Refusals are service errors whose body is the problem. A message that names no
 * subject for an answer is taken too.
 *
 * <p>Thread safe.
 */
public final class NatsService implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsService.class.getName());

    private static final String NAME = "precast";
    private static final Group GROUP = new Group("precast.v1");
    /** Requests at a time; each may wait for minutes. */
    private static final int MOST = 1_000;

    private static final int STOP_SECONDS = 10;

    private final NatsLink link;
    private final String version;
    private final Map<String, Endpoint> endpoints;
    private final Semaphore free = new Semaphore(MOST);
    private final Consumer<Connection> start = this::start;
    private @Nullable Service service;
    private CompletableFuture<Boolean> ended = CompletableFuture.completedFuture(true);

    /**
     * Begins to answer.
     *
     * @param version of this program, three numbers with dots between and what may follow them
     * @param endpoints by name: lower-case letters
     */
    public NatsService(NatsLink link, String version, Map<String, Endpoint> endpoints) {
        this.link = link;
        this.version = version;
        this.endpoints = Map.copyOf(endpoints);
        link.use(start);
    }

    private synchronized void start(Connection connection) {
        ServiceBuilder builder = Service.builder()
                .connection(connection)
                .name(NAME)
                .version(version)
                .description("Answers with artifacts of WebAssembly modules, compiled ahead");
        endpoints.forEach((name, endpoint) -> builder.addServiceEndpoint(serve(connection, name, endpoint)));
        Service fresh = builder.build();
        ended = fresh.startService().exceptionally(failure -> {
            LOG.log(Level.WARNING, "the NATS service ended: " + failure.getMessage());
            return false;
        });
        service = fresh;
        link.settle(connection, "the NATS service");
    }

    private ServiceEndpoint serve(Connection connection, String name, Endpoint endpoint) {
        LongAdder refused = new LongAdder();
        return ServiceEndpoint.builder()
                .group(GROUP)
                .endpointName(name)
                .endpointSubject(name)
                .statsDataSupplier(() -> new JsonValue(Map.of("refused", new JsonValue(refused.sum()))))
                .handler(message -> {
                    // The library hands out one message after the other, and an answer may take minutes.
                    if (free.tryAcquire()) {
                        Thread.ofVirtual().name("precast-service").start(() -> {
                            try {
                                respond(
                                        connection,
                                        message,
                                        endpoint.answer(message.getData(), prefer(message)),
                                        refused);
                            } finally {
                                free.release();
                            }
                        });
                    } else {
                        respond(connection, message, tooMany(), refused);
                    }
                })
                .build();
    }

    private static List<String> prefer(ServiceMessage message) {
        List<String> values = message.hasHeaders() ? message.getHeaders().get("Prefer") : null;
        return values == null ? List.of() : values;
    }

    private static void respond(
            Connection connection, ServiceMessage message, Endpoint.Reply reply, LongAdder refused) {
        long most = connection.getMaxPayload();
        Endpoint.Reply sent = most > 0 && reply.body().length > most ? tooLarge(reply.body().length, most) : reply;
        if (message.getReplyTo() == null) {
            unheard(message.getSubject(), sent, refused);
            return;
        }
        try {
            switch (sent) {
                case Endpoint.Answer answer -> message.respond(connection, answer.body());
                case Endpoint.Refusal refusal -> {
                    refused.increment();
                    message.respond(connection, refusal.body(), headers(refusal));
                }
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "an answer is lost with the connection: " + e.getMessage());
        }
    }

    /** An event: it asks for something, and nobody waits for an answer. */
    private static void unheard(String subject, Endpoint.Reply reply, LongAdder refused) {
        if (reply instanceof Endpoint.Refusal refusal) {
            refused.increment();
            LOG.log(
                    Level.WARNING,
                    "a message under " + subject + " that wants no answer is refused: "
                            + new String(refusal.body(), StandardCharsets.UTF_8));
        }
    }

    private static Headers headers(Endpoint.Refusal refusal) {
        Headers headers = new Headers()
                .put(ServiceMessage.NATS_SERVICE_ERROR, refusal.code())
                .put(ServiceMessage.NATS_SERVICE_ERROR_CODE, Integer.toString(refusal.status()));
        refusal.retryAfter()
                .ifPresent(delay -> headers.put(
                        "Retry-After",
                        Long.toString(Math.max(1, delay.plusMillis(999).toSeconds()))));
        return headers;
    }

    private static Endpoint.Refusal tooMany() {
        return problem(
                429,
                "too-many-requests",
                "Too many requests at a time",
                "at most " + MOST + " requests wait here at a time",
                Optional.of(Duration.ofSeconds(1)));
    }

    private static Endpoint.Refusal tooLarge(int found, long most) {
        return problem(
                413,
                "answer-too-large",
                "The answer is too large",
                "the answer has " + found + " bytes, this NATS carries " + most + "; ask for fewer modules at a time",
                Optional.empty());
    }

    private static Endpoint.Refusal problem(
            int status, String code, String title, String detail, Optional<Duration> retryAfter) {
        JsonObject json = JsonObject.EMPTY
                .with("type", "urn:precast:problem:" + code)
                .with("title", title)
                .with("status", status)
                .with("detail", detail)
                .with("code", code);
        return new Endpoint.Refusal(json.canonical().getBytes(StandardCharsets.UTF_8), status, code, retryAfter);
    }

    /** Takes no more requests; those in progress are answered if the connection lasts. */
    @Override
    public synchronized void close() {
        link.leave(start);
        if (service != null) {
            service.stop();
            service = null;
            ended.completeOnTimeout(false, STOP_SECONDS, TimeUnit.SECONDS).join();
        }
    }
}
