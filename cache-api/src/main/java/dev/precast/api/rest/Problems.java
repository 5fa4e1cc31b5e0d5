package dev.precast.api.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.precast.api.json.Failures;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Exceptions become problems here; none ever shows a stack trace or a class name to a client. */
@Singleton
final class Problems {
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
        return e.retryable() ? Failures.problem(e).retryAfter(Failures.SOON) : internal(e);
    }

    @ServerExceptionMapper
    Response map(QueueUnavailableException e) {
        return Failures.problem(e).retryAfter(Failures.SOON);
    }

    @ServerExceptionMapper
    Response map(ConstraintViolationException e) {
        // The first two names of a path are the method and its parameter.
        return Failures.violated(e, 2).response().build();
    }

    @ServerExceptionMapper
    Response map(MismatchedInputException e) {
        return Failures.malformed(e).response().build();
    }

    @ServerExceptionMapper
    Response map(WebApplicationException e, UriInfo uri) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return Failures.malformed(json).response().build();
        }
        Response given = e.getResponse();
        Problem.Code code = code(given.getStatus());
        if (code == null) {
            return given.getStatus() < 400 ? given : internal(e);
        }
        Response.ResponseBuilder response = code.with(code.title()).response();
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
        return Failures.problem(e).response().build();
    }

    /** For bodies that were not read to their end. */
    static Response closing(Problem problem) {
        return problem.response().header("Connection", "close").build();
    }
}
