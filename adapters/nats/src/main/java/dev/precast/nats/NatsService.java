package dev.precast.nats;

import dev.precast.artifact.VisibleText;
import dev.precast.cache.SeldomWarning;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.message.Endpoint.Message;
import dev.precast.protocol.ProblemCode;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The micro service {@code precast} (ADR-32 of NATS). Clients discover it under {@code $SRV} and send requests to
 * {@code precast.v1.<endpoint>}. All processes that start the service share the requests. A refusal is a service error
 * whose body is the problem. Also accepts messages without a reply subject. A request whose reply subject is not below
 * one of the configured prefixes is dropped: an answer there would be a message of the requester's choice, with the
 * permissions of this service.
 *
 * <p>Thread safe.
 */
public final class NatsService implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(NatsService.class.getName());

    private static final String NAME = "precast";
    private static final Group GROUP = new Group("precast.v1");
    /** Maximum number of concurrent requests; each may wait for minutes. */
    private static final int MOST = 1_000;

    private static final int STOP_SECONDS = 10;

    private final NatsLink link;
    private final String version;
    private final Map<String, Endpoint> endpoints;
    private final ReplyPrefixes replies;
    private final SeldomWarning forged = new SeldomWarning(LOG);
    private final Semaphore free = new Semaphore(MOST);
    private final Consumer<Connection> start = this::start;
    private @Nullable Service service;
    private CompletableFuture<Boolean> ended = CompletableFuture.completedFuture(true);

    /**
     * Starts to answer requests.
     *
     * @param version version of this program: three numbers separated by dots, and an optional suffix
     * @param endpoints the endpoints by name; names have only lower-case letters
     */
    public NatsService(NatsLink link, String version, Map<String, Endpoint> endpoints) {
        this.link = link;
        this.version = version;
        this.replies = new ReplyPrefixes(link.config().inboxes().replies());
        this.endpoints = Map.copyOf(endpoints);
        link.use(start);
    }

    private synchronized void start(Connection connection) {
        Connection answering = AnsweringConnection.of(connection, replies, reply -> warnOfReply("discovery", reply));
        ServiceBuilder builder = Service.builder()
                .connection(answering)
                .name(NAME)
                .version(version)
                .description("Looks up and requests precompiled artifacts of WebAssembly modules");
        endpoints.forEach((name, endpoint) -> builder.addServiceEndpoint(serve(answering, name, endpoint)));
        Service fresh = builder.build();
        ended = fresh.startService().exceptionally(failure -> {
            LOG.log(Level.WARNING, "NATS service: ended unexpectedly: " + failure.getMessage());
            return false;
        });
        service = fresh;
        link.settle(connection, "starting the NATS service");
    }

    private ServiceEndpoint serve(Connection connection, String name, Endpoint endpoint) {
        LongAdder refused = new LongAdder();
        LongAdder refusedReplies = new LongAdder();
        return ServiceEndpoint.builder()
                .group(GROUP)
                .endpointName(name)
                .endpointSubject(name)
                .statsDataSupplier(() -> new JsonValue(Map.of(
                        "refused", new JsonValue(refused.sum()),
                        "refusedReplies", new JsonValue(refusedReplies.sum()))))
                .handler(message -> {
                    if (!replies.allows(message.getReplyTo())) {
                        refusedReplies.increment();
                        warnOfReply(message.getSubject(), message.getReplyTo());
                        return;
                    }
                    // The library delivers the next message after this handler returns, and an answer may take minutes.
                    if (free.tryAcquire()) {
                        Thread.ofVirtual().name("precast-service").start(() -> {
                            try {
                                respond(connection, message, endpoint.answer(request(message)), refused);
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

    private void warnOfReply(String subject, String reply) {
        forged.log(subject + ": request dropped: reply subject " + VisibleText.line(reply) + " is not below one of "
                + link.config().inboxes().replies()
                + "; if it is a client's inbox, add its prefix to precast.nats.reply-prefixes");
    }

    private static Message request(ServiceMessage message) {
        Map<String, List<String>> headers = new HashMap<>();
        if (message.hasHeaders()) {
            message.getHeaders().forEach(headers::put);
        }
        return new Message(message.getData(), headers);
    }

    private static void respond(Connection connection, ServiceMessage message, Message answer, LongAdder refused) {
        long most = connection.getMaxPayload();
        Message sent = most > 0 && answer.body().length > most ? tooLarge(answer.body().length, most) : answer;
        boolean isError = sent.headers().containsKey(ServiceMessage.NATS_SERVICE_ERROR);
        if (isError) {
            refused.increment();
        }
        if (message.getReplyTo() == null) {
            if (isError) {
                LOG.log(
                        Level.WARNING,
                        message.getSubject() + ": refused; logged because the message has no reply subject: "
                                + new String(sent.body(), StandardCharsets.UTF_8));
            }
            return;
        }
        Headers headers = new Headers();
        sent.headers().forEach(headers::put);
        try {
            message.respond(connection, sent.body(), headers);
        } catch (IllegalStateException e) {
            LOG.log(Level.DEBUG, "NATS service: answer not sent: " + e.getMessage());
        }
    }

    private static Message tooMany() {
        return error(
                ProblemCode.TOO_MANY_REQUESTS,
                429,
                "requests: too many (expected at most " + MOST + " concurrent requests)",
                "1");
    }

    private static Message tooLarge(int found, long most) {
        return error(
                ProblemCode.ANSWER_TOO_LARGE,
                413,
                "answer: too large for NATS (expected at most " + most + " bytes, found " + found
                        + "); request fewer modules at a time",
                null);
    }

    private static Message error(ProblemCode code, int status, String detail, @Nullable String retryAfter) {
        Map<String, List<String>> headers = new HashMap<>();
        headers.put(ServiceMessage.NATS_SERVICE_ERROR, List.of(code.label()));
        headers.put(ServiceMessage.NATS_SERVICE_ERROR_CODE, List.of(Integer.toString(status)));
        if (retryAfter != null) {
            headers.put("Retry-After", List.of(retryAfter));
        }
        return new Message(code.toJson(status, detail).canonical().getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Stops taking requests, and waits up to ten seconds until those in progress are answered. */
    @Override
    public synchronized void close() throws InterruptedException {
        link.leave(start);
        if (service != null) {
            service.stop();
            service = null;
            ended.completeOnTimeout(false, STOP_SECONDS, TimeUnit.SECONDS).join();
            if (free.tryAcquire(MOST, STOP_SECONDS, TimeUnit.SECONDS)) {
                free.release(MOST);
            }
        }
    }
}
