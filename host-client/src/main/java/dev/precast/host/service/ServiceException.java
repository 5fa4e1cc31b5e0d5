package dev.precast.host.service;

import dev.precast.artifact.VisibleText;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A call to the service failed. Messages and texts are one line without control characters. */
public abstract sealed class ServiceException extends IOException {
    private static final long serialVersionUID = 1L;

    private ServiceException(String message, @Nullable Throwable cause) {
        super(VisibleText.line(message), cause);
    }

    /** How long to wait before the same call may succeed; empty if it would fail for the same reason. */
    public Optional<Duration> passesIn() {
        return Optional.empty();
    }

    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }

    /** The service did not answer, or its answer was not complete in time. */
    public static final class NoAnswer extends ServiceException {
        private static final long serialVersionUID = 1L;

        private static final Duration PAUSE = Duration.ofSeconds(1);

        private final @Nullable Duration passesIn;

        NoAnswer(String message, @Nullable Throwable cause) {
            this(message, cause, Retries.passes(cause) ? Optional.of(PAUSE) : Optional.empty());
        }

        NoAnswer(String message, @Nullable Throwable cause, Optional<Duration> passesIn) {
            super(message, cause);
            this.passesIn = passesIn.orElse(null);
        }

        @Override
        public Optional<Duration> passesIn() {
            return Optional.ofNullable(passesIn);
        }
    }

    /** The answer does not conform to the protocol. */
    public static final class BadAnswer extends ServiceException {
        private static final long serialVersionUID = 1L;

        BadAnswer(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The service answered with a problem (RFC 9457), or a proxy answered with an error. */
    public static final class Problem extends ServiceException {
        private static final long serialVersionUID = 1L;
        private static final int MAX_SHOWN = 500;
        private static final Duration LONGEST_RETRY = Duration.ofDays(1);
        /** Time until a proxy that could not reach a replica sends calls to another. */
        private static final Duration OTHER_REPLICA = Duration.ofSeconds(1);

        private static final Set<ProblemCode> PASSING = EnumSet.of(
                ProblemCode.STOPPING,
                ProblemCode.QUEUE_UNAVAILABLE,
                ProblemCode.STORE_UNAVAILABLE,
                ProblemCode.QUEUE_FULL,
                ProblemCode.TOO_MANY_REQUESTS);

        private final int status;
        private final String label;
        private final String rejection;
        private final String detail;
        private final Duration retryAfter;

        private Problem(int status, String label, String rejection, String detail, Duration retryAfter, String call) {
            super(call + ": status " + status + ", " + label + ": " + detail, null);
            this.status = status;
            this.label = label;
            this.rejection = rejection;
            this.detail = detail;
            this.retryAfter = retryAfter;
        }

        static Problem of(String call, ServiceClient.Answer answer) {
            int status = answer.status();
            String label = "http-" + status;
            String detail = call + " answered " + status;
            String rejection = "";
            try {
                JsonObject problem = Json.parse(answer.body()).asObject("problem");
                label = member(problem, "code", label);
                detail = member(problem, "detail", member(problem, "title", detail));
                rejection = member(problem, "rejection", label);
            } catch (JsonException e) {
                // Not a problem document: the answer is from a proxy or another server.
            }
            String shown = detail.length() > MAX_SHOWN ? detail.substring(0, MAX_SHOWN) + "…" : detail;
            return new Problem(status, label, rejection, shown, retryAfter(answer), call);
        }

        private static String member(JsonObject from, String name, String otherwise) {
            return from.find(name)
                    .map(value -> value instanceof Json.Text text ? text.value() : "")
                    .filter(text -> !text.isEmpty())
                    .map(VisibleText::line)
                    .orElse(otherwise);
        }

        private static Duration retryAfter(ServiceClient.Answer answer) {
            try {
                Duration asked = Duration.ofSeconds(Long.parseLong(
                        answer.headers().firstValue("Retry-After").orElse("")));
                return asked.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : asked.isNegative() ? Duration.ZERO : asked;
            } catch (NumberFormatException e) {
                return Duration.ofSeconds(30);
            }
        }

        /** The HTTP status. */
        public int status() {
            return status;
        }

        /** The problem's code as received; {@code http-<status>} if there was none. */
        public String label() {
            return label;
        }

        /** The problem's code; empty if there was none or this version does not know it. */
        public Optional<ProblemCode> code() {
            return ProblemCode.ofLabel(label);
        }

        /** Why a module was rejected, such as {@code invalid-module}; otherwise the label. */
        public String rejection() {
            return rejection;
        }

        /** The problem's text, shortened to 500 characters. */
        public String detail() {
            return detail;
        }

        @Override
        public Optional<Duration> passesIn() {
            Optional<ProblemCode> code = code();
            if (code.isEmpty() && (status == 502 || status == 504)) {
                return Optional.of(OTHER_REPLICA);
            }
            boolean passes = (status == 503 || status == 429)
                    && code.map(PASSING::contains).orElse(true);
            return passes ? Optional.of(retryAfter) : Optional.empty();
        }

        /** How long the service asks to wait before a retry, at most a day; 30 s if it did not say. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
