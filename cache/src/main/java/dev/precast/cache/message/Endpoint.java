package dev.precast.cache.message;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Answers requests that come as messages, whatever carries them: the JSON of the wire protocol in and out.
 *
 * <p>Implementations are thread safe and may block, with {@code Prefer: wait=N} for minutes.
 */
public interface Endpoint {
    /**
     * Answers one request. Does not throw.
     *
     * @param body JSON
     * @param prefer values of the header {@code Prefer} (RFC 7240)
     */
    Reply answer(byte[] body, List<String> prefer);

    /** What is answered. */
    sealed interface Reply {
        /** The JSON of the answer, of a problem (RFC 9457) if it is one. Not to be changed. */
        byte[] body();
    }

    /** It worked. */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(byte[] body) implements Reply {}

    /**
     * It did not.
     *
     * @param status of the problem
     * @param code of the problem
     * @param retryAfter when asking again may help, if there is such a time
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Refusal(byte[] body, int status, String code, Optional<Duration> retryAfter) implements Reply {}
}
