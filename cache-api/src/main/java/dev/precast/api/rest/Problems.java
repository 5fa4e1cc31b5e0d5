package dev.precast.api.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.precast.api.json.Failures;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import jakarta.inject.Singleton;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Maps exceptions to problem responses, which contain neither stack traces nor class names. */
@Singleton
final class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    @ServerExceptionMapper
    Response map(BodyException e) {
        return closing(e.problem());
    }

    /** The connection is closed, so no client gets this answer. */
    @ServerExceptionMapper
    Response map(ClientGoneException e) {
        LOG.debugf("%s", e.getMessage());
        return closing(new Problem(ProblemCode.INTERNAL, String.valueOf(e.getMessage())));
    }

    @ServerExceptionMapper
    Response map(ConstraintViolationException e) {
        // The first two names of a path are the method and the parameter.
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
        ProblemCode code = code(given.getStatus());
        if (code == null) {
            return given.getStatus() < 400
                    ? given
                    : Failures.problem(e).response().build();
        }
        Response.ResponseBuilder response = new Problem(code, code.title()).response();
        return code == ProblemCode.METHOD_NOT_ALLOWED
                ? response.header(HttpHeaders.ALLOW, Methods.of(uri.getPath())).build()
                : response.build();
    }

    private static @Nullable ProblemCode code(int status) {
        return switch (status) {
            case 400 -> ProblemCode.BAD_REQUEST;
            case 404 -> ProblemCode.NOT_FOUND;
            case 405 -> ProblemCode.METHOD_NOT_ALLOWED;
            case 406 -> ProblemCode.NOT_ACCEPTABLE;
            case 413 -> ProblemCode.BODY_TOO_LARGE;
            case 415 -> ProblemCode.UNSUPPORTED_MEDIA_TYPE;
            default -> null;
        };
    }

    @ServerExceptionMapper
    Response map(Throwable e) {
        if (ClientGone.is(e)) {
            LOG.debugf("request not answered: the client closed the connection (%s)", e.getMessage());
            return closing(new Problem(ProblemCode.BAD_REQUEST, "the client closed the connection"));
        }
        return Failures.problem(e).response().build();
    }

    /** A response that closes the connection, because the body was not read to its end. */
    static Response closing(Problem problem) {
        return problem.response().header("Connection", "close").build();
    }
}
