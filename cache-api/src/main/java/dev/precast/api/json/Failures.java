package dev.precast.api.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.precast.cache.NoPolicyException;
import dev.precast.cache.SeldomWarning;
import dev.precast.cache.queue.QueueUnavailableException;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoreFullException;
import dev.precast.protocol.ProblemCode;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Converts exceptions to problems, which contain neither stack traces nor class names. */
public final class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);
    private static final SeldomWarning STORE = new SeldomWarning(System.getLogger(Failures.class.getName()));
    private static final SeldomWarning QUEUE = new SeldomWarning(System.getLogger(Failures.class.getName()));

    private Failures() {}

    /** The problem for an exception. Logs failures of stores and queue, and unexpected exceptions. */
    public static Problem problem(Throwable failure) {
        return switch (failure) {
            case ProblemException e -> e.problem();
            case JsonProcessingException e -> malformed(e);
            case ConstraintViolationException e -> violated(e, 0);
            case NoPolicyException e -> new Problem(ProblemCode.NO_POLICY, String.valueOf(e.getMessage()));
            case StoreFullException e -> {
                STORE.log("store: full: " + e.getMessage());
                yield new Problem(ProblemCode.STORE_FULL, "store: full; the operator must free space");
            }
            case StoreException e -> {
                STORE.log("store: " + e.getMessage());
                yield new Problem(
                        ProblemCode.STORE_UNAVAILABLE,
                        "store: unavailable; the request was not accepted, retry it later");
            }
            case QueueUnavailableException e -> {
                QUEUE.log("queue: " + e.getMessage());
                yield new Problem(
                        ProblemCode.QUEUE_UNAVAILABLE,
                        "queue: unavailable; the request was not accepted, retry it later");
            }
            default -> internal(failure);
        };
    }

    /** @param above number of leading names in a property path to leave out, because they name no member of the body */
    public static Problem violated(ConstraintViolationException e, int above) {
        return new Problem(
                ProblemCode.BAD_REQUEST,
                e.getConstraintViolations().stream()
                        .map(violation -> describe(violation, above))
                        .sorted()
                        .collect(Collectors.joining("; ")));
    }

    private static String describe(ConstraintViolation<?> violation, int above) {
        StringBuilder member = new StringBuilder();
        int depth = 0;
        for (Path.Node node : violation.getPropertyPath()) {
            if (depth++ >= above) {
                member.append(member.isEmpty() ? "" : ".").append(node);
            }
        }
        return (member.isEmpty() ? "body" : member) + ": " + violation.getMessage();
    }

    private static Problem internal(Throwable e) {
        String id = UUID.randomUUID().toString();
        LOG.errorf(e, "request failed, id %s", id);
        return new Problem(
                ProblemCode.INTERNAL,
                "the server failed; its log has details under this id",
                Map.of("id", id),
                Optional.empty());
    }

    /** The problem of a body that is not JSON or has the wrong form. */
    public static Problem malformed(JsonProcessingException e) {
        String at = e.getLocation() == null
                ? ""
                : ", line " + e.getLocation().getLineNr() + " column "
                        + e.getLocation().getColumnNr();
        if (e instanceof UnrecognizedPropertyException unknown) {
            return new Problem(
                    ProblemCode.BAD_REQUEST,
                    "body: unknown member \"" + shown(unknown.getPropertyName()) + "\"; known members: "
                            + unknown.getKnownPropertyIds() + at);
        }
        if (e instanceof MismatchedInputException mismatch) {
            return new Problem(ProblemCode.BAD_REQUEST, "body: value of a wrong type at " + path(mismatch) + at);
        }
        return new Problem(ProblemCode.BAD_REQUEST, "body: not valid JSON" + at);
    }

    private static String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : shown(r.getFieldName()))
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "the root" : path;
    }

    private static String shown(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
