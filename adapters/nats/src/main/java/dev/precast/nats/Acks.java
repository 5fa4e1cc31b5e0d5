package dev.precast.nats;

import io.nats.client.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Sends acknowledgements of a message in JetStream's protocol (ADR-15 of NATS). They name a sequence number, which after a
 * loss of the stream may belong to another request; so they only delay or hasten a delivery. {@link Requests#remove} ends
 * a request.
 */
final class Acks {
    private Acks() {}

    /** Asks the server to deliver the message again after the delay. */
    static void nak(NatsLink link, Message message, Duration delay) {
        // A nak with a delay, even one of zero, waits for a timer of the server.
        String nak = delay.isPositive() ? "-NAK {\"delay\":" + delay.toNanos() + "}" : "-NAK";
        link.send(reply(message), ascii(nak));
    }

    /** Restarts the ack wait of the message. */
    static void inProgress(NatsLink link, Message message) {
        link.send(reply(message), ascii("+WPI"));
    }

    private static String reply(Message message) {
        return String.valueOf(message.getReplyTo());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
