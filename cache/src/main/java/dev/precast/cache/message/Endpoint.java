package dev.precast.cache.message;

import java.util.List;
import java.util.Map;

/**
 * Answers requests that arrive as messages, over any transport.
 *
 * <p>Implementations are thread safe and may block for minutes.
 */
public interface Endpoint {
    /** Answers one request. Does not throw. */
    Message answer(Message request);

    /**
     * @param body the content; do not modify the array
     * @param headers values by name, which the transport sends with the body
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Message(byte[] body, Map<String, List<String>> headers) {
        public Message {
            headers = Map.copyOf(headers);
        }
    }
}
