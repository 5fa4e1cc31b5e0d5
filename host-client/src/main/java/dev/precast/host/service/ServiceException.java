package dev.precast.host.service;

import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.protocol.ProblemCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call to the service that did not succeed. */
public abstract sealed class ServiceException extends IOException {
    private static final long serialVersionUID = 1L;

    private ServiceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public String toString() {
        return String.valueOf(getMessage());
    }

    /** The service did not answer, or its answer did not arrive whole and in time. */
    public static final class NoAnswer extends ServiceException {
        private static final long serialVersionUID = 1L;

        NoAnswer(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The answer has another form than the protocol's. */
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
                // No problem document: from a proxy, or from a server of another kind.
            }
            String shown = detail.length() > MAX_SHOWN ? detail.substring(0, MAX_SHOWN) + "…" : detail;
            return new Problem(status, label, rejection, shown, retryAfter(answer), call);
        }

        private static String member(JsonObject from, String name, String otherwise) {
            return from.find(name)
                    .map(value -> value instanceof Json.Text text ? text.value() : "")
                    .filter(text -> !text.isEmpty())
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

        /** The problem's code as it was sent; {@code http-<status>} if none was. */
        public String label() {
            return label;
        }

        /** The problem's code; empty if none was sent, or one that this version does not know. */
        public Optional<ProblemCode> code() {
            return ProblemCode.ofLabel(label);
        }

        /** Why a module was rejected, such as {@code invalid-module}; else the label. */
        public String rejection() {
            return rejection;
        }

        /** The problem in words; at most some hundred characters. */
        public String detail() {
            return detail;
        }

        /** How long to wait before a retry, as the service asks: 30 s if it did not, and never more than a day. */
        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
