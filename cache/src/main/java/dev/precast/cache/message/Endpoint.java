package dev.precast.cache.message;

import java.util.List;
import java.util.Map;

/**
 * Answers requests that come as messages, by whatever carrier.
 *
 * <p>Implementations are thread safe and may block for minutes.
 */
public interface Endpoint {
    /** Answers one request. Does not throw. */
    Message answer(Message request);

    /**
     * @param body not to be changed
     * @param headers values by name, for the carrier to send along
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Message(byte[] body, Map<String, List<String>> headers) {
        public Message {
            headers = Map.copyOf(headers);
        }
    }
}
