package dev.precast.api.message;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.json.CompilationRequest;
import dev.precast.api.json.Failures;
import dev.precast.api.json.Lookup;
import dev.precast.api.json.LookupReply;
import dev.precast.api.json.Preferences;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.api.json.Reply;
import dev.precast.api.json.WarmupRequest;
import dev.precast.api.json.WarmupRequests;
import dev.precast.cache.Compilations;
import dev.precast.cache.Lookups;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.message.Endpoint.Message;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.ProblemCode;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Endpoints that answer NATS messages. They parse bodies as strictly as the REST resources and answer with the same
 * problems.
 */
public final class Endpoints {
    /** Maximum size of a body in bytes, the same as for REST. */
    private static final int MAX_BYTES = 1 << 20;

    /** The client of all requests: NATS does not say who sent a message. */
    private static final String CLIENT = "nats";

    private final ObjectMapper mapper;
    private final Validator validator;

    /** @param mapper the mapper of the REST resources */
    public Endpoints(ObjectMapper mapper, Validator validator) {
        this.mapper = mapper;
        this.validator = validator;
    }

    /** The counterpart of {@code POST /v1/compilations}; the header {@code Prefer} sets how long to wait. */
    public Endpoint compile(Compilations compilations, InstantSource clock) {
        return endpoint(
                CompilationRequest.class,
                (request, wait) -> Reply.of(request.send(compilations, CLIENT, wait), clock)
                        .body());
    }

    /** The counterpart of {@code POST /v1/lookups}. */
    public Endpoint lookup(Lookups lookups) {
        return endpoint(Lookup.class, (lookup, wait) -> {
            LookupRequest request = lookup.request();
            return LookupReply.of(lookups.find(request), request.lanes());
        });
    }

    /** The counterpart of {@code POST /v1/warmups}. */
    public Endpoint warmup(WarmupRequests warmups) {
        return endpoint(
                WarmupRequest.class, (request, wait) -> warmups.begin(request).body());
    }

    private interface Handler<T> {
        /** The body of the answer. */
        Object answer(T request, Duration wait) throws InterruptedException;
    }

    private <T> Endpoint endpoint(Class<T> type, Handler<T> handler) {
        return message -> {
            try {
                T request = read(message.body(), type);
                Duration wait = Preferences.wait(message.headers().get("Prefer"));
                return new Message(mapper.writeValueAsBytes(handler.answer(request, wait)), Map.of());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return error(new Problem(ProblemCode.STOPPING, "this process stops; retry"));
            } catch (IOException | RuntimeException e) {
                return error(Failures.problem(e));
            }
        };
    }

    /** @throws ConstraintViolationException if a member is missing or too large */
    private <T> T read(byte[] body, Class<T> type) throws IOException {
        if (body.length > MAX_BYTES) {
            throw new ProblemException(
                    ProblemCode.BODY_TOO_LARGE, "body: expected at most " + MAX_BYTES + " bytes, found " + body.length);
        }
        T read = mapper.readValue(body, type);
        if (read == null) {
            throw new ProblemException(ProblemCode.BAD_REQUEST, "body: expected an object, found null");
        }
        Set<ConstraintViolation<T>> violations = validator.validate(read);
        if (!violations.isEmpty()) {
            throw new ConstraintViolationException(violations);
        }
        return read;
    }

    /** A problem as the error answer of a NATS service (ADR-32). */
    private static Message error(Problem problem) {
        Map<String, List<String>> headers = new HashMap<>();
        headers.put("Nats-Service-Error", List.of(problem.code().label()));
        headers.put("Nats-Service-Error-Code", List.of(Integer.toString(problem.status())));
        problem.retrySeconds().ifPresent(seconds -> headers.put("Retry-After", List.of(seconds)));
        return new Message(problem.toJson().canonical().getBytes(StandardCharsets.UTF_8), headers);
    }
}
