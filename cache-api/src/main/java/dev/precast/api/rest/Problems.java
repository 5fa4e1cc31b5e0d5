package dev.precast.api.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.precast.compile.QueueUnavailableException;
import dev.precast.store.StoreException;
import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Exceptions become problems here; none ever shows a stack trace or a class name to a client. */
@Singleton
final class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final Duration SOON = Duration.ofSeconds(5);

    @ServerExceptionMapper
    Response map(ProblemException e) {
        return e.problem().response().build();
    }

    @ServerExceptionMapper
    Response map(SlowBodyException e) {
        return closing(Problem.Code.BODY_TOO_SLOW.with(String.valueOf(e.getMessage())));
    }

    @ServerExceptionMapper
    Response map(LargeBodyException e) {
        return closing(Problem.Code.BODY_TOO_LARGE.with(String.valueOf(e.getMessage())));
    }

    @ServerExceptionMapper
    Response map(StoreException e) {
        LOG.warnf("store: %s", e.getMessage());
        return e.retryable()
                ? Problem.Code.STORE_UNAVAILABLE
                        .with("the store does not answer; nothing was accepted")
                        .retryAfter(SOON)
                : internal(e);
    }

    @ServerExceptionMapper
    Response map(QueueUnavailableException e) {
        LOG.warnf("queue: %s", e.getMessage());
        return Problem.Code.QUEUE_UNAVAILABLE
                .with("the queue does not answer; nothing was accepted")
                .retryAfter(SOON);
    }

    @ServerExceptionMapper
    Response map(ConstraintViolationException e) {
        return Problem.Code.BAD_REQUEST.response(e.getConstraintViolations().stream()
                .map(Problems::describe)
                .sorted()
                .collect(Collectors.joining("; ")));
    }

    private static String describe(ConstraintViolation<?> violation) {
        StringBuilder member = new StringBuilder();
        int depth = 0;
        for (Path.Node node : violation.getPropertyPath()) {
            // The first two are the method and its parameter.
            if (depth++ >= 2) {
                member.append(member.isEmpty() ? "" : ".").append(node);
            }
        }
        return (member.isEmpty() ? "body" : member) + ": " + violation.getMessage();
    }

    @ServerExceptionMapper
    Response map(MismatchedInputException e) {
        return malformed(e);
    }

    @ServerExceptionMapper
    Response map(WebApplicationException e, UriInfo uri) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return malformed(json);
        }
        Response given = e.getResponse();
        Problem.Code code = code(given.getStatus());
        if (code == null) {
            return given.getStatus() < 400 ? given : internal(e);
        }
        Response.ResponseBuilder response = code.with(code.title).response();
        return code == Problem.Code.METHOD_NOT_ALLOWED
                ? response.header(HttpHeaders.ALLOW, Methods.of(uri.getPath())).build()
                : response.build();
    }

    private static Problem.@Nullable Code code(int status) {
        return switch (status) {
            case 400 -> Problem.Code.BAD_REQUEST;
            case 404 -> Problem.Code.NOT_FOUND;
            case 405 -> Problem.Code.METHOD_NOT_ALLOWED;
            case 406 -> Problem.Code.NOT_ACCEPTABLE;
            case 413 -> Problem.Code.BODY_TOO_LARGE;
            case 415 -> Problem.Code.UNSUPPORTED_MEDIA_TYPE;
            default -> null;
        };
    }

    @ServerExceptionMapper
    Response map(Throwable e) {
        return internal(e);
    }

    private static Response internal(Throwable e) {
        String id = UUID.randomUUID().toString();
        LOG.errorf(e, "request failed, id %s", id);
        return Problem.Code.INTERNAL
                .with("the server failed; its log tells more under this id")
                .id(id)
                .response()
                .build();
    }

    /** For bodies that were not read to their end. */
    static Response closing(Problem problem) {
        return problem.response().header("Connection", "close").build();
    }

    private static Response malformed(JsonProcessingException e) {
        String at = e.getLocation() == null
                ? ""
                : ", line " + e.getLocation().getLineNr() + " column "
                        + e.getLocation().getColumnNr();
        if (e instanceof UnrecognizedPropertyException unknown) {
            return Problem.Code.BAD_REQUEST.response("unknown member \"" + shown(unknown.getPropertyName())
                    + "\", known are " + unknown.getKnownPropertyIds() + at);
        }
        if (e instanceof MismatchedInputException mismatch) {
            return Problem.Code.BAD_REQUEST.response(
                    "body: a value of another type is expected at " + path(mismatch) + at);
        }
        return Problem.Code.BAD_REQUEST.response("body: not valid JSON" + at);
    }

    private static String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : shown(r.getFieldName()))
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "its root" : path;
    }

    private static String shown(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
