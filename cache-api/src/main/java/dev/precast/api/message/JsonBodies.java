package dev.precast.api.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.api.json.Failures;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.cache.message.Endpoint;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validator;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** Reads bodies as strictly as REST does, and writes answers. */
public final class JsonBodies {
    /** As for bodies of REST. */
    private static final int MAX_BYTES = 1 << 20;

    private final ObjectMapper mapper;
    private final Validator validator;

    /** @param mapper the one that REST reads with */
    public JsonBodies(ObjectMapper mapper, Validator validator) {
        this.mapper = mapper;
        this.validator = validator;
    }

    /** One request. */
    interface Request {
        Endpoint.Reply answer() throws IOException, InterruptedException;
    }

    /** Whatever fails becomes a problem. */
    Endpoint.Reply answer(Request request) {
        try {
            return request.answer();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return refusal(Problem.Code.QUEUE_UNAVAILABLE.with("this server stops"), Optional.of(Failures.SOON));
        } catch (IOException | RuntimeException e) {
            boolean soon = e instanceof QueueUnavailableException || (e instanceof StoreException s && s.retryable());
            return refusal(Failures.problem(e), soon ? Optional.of(Failures.SOON) : Optional.empty());
        }
    }

    /** @throws ConstraintViolationException if something is missing or too large */
    <T> T read(byte[] body, Class<T> type) throws IOException {
        if (body.length > MAX_BYTES) {
            throw new ProblemException(
                    Problem.Code.BODY_TOO_LARGE.with("body: at most " + MAX_BYTES + " bytes, found " + body.length));
        }
        T read = mapper.readValue(body, type);
        if (read == null) {
            throw new ProblemException(Problem.Code.BAD_REQUEST.with("body: expected an object, found null"));
        }
        Set<ConstraintViolation<T>> violations = validator.validate(read);
        if (!violations.isEmpty()) {
            throw new ConstraintViolationException(violations);
        }
        return read;
    }

    Endpoint.Reply answer(Object reply) throws JsonProcessingException {
        return new Endpoint.Answer(mapper.writeValueAsBytes(reply));
    }

    Endpoint.Reply refusal(Problem problem, Optional<Duration> retryAfter) {
        try {
            return new Endpoint.Refusal(
                    mapper.writeValueAsBytes(problem), problem.status(), problem.code(), retryAfter);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem has no JSON: " + e.getMessage(), e);
        }
    }
}
