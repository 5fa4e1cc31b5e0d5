package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Sends acknowledgements of a message in JetStream's protocol (ADR-15 of NATS). */
final class Acks {
    private Acks() {}

    /** Acks the message; returns when the server has confirmed the ack. */
    static void ack(NatsLink link, Message message) {
        if (link.request(reply(message), ascii("+ACK")).isEmpty()) {
            String why = "ack of " + message.getSubject() + ": the server did not confirm it";
            throw new QueueUnavailableException(why, new IOException(why));
        }
    }

    /** Asks the server to deliver the message again after the delay. */
    static void nak(NatsLink link, Message message, Duration delay) {
        link.send(reply(message), ascii("-NAK {\"delay\":" + delay.toNanos() + "}"));
    }

    /** Restarts the ack wait of the message. */
    static void inProgress(NatsLink link, Message message) {
        link.send(reply(message), ascii("+WPI"));
    }

    /** Asks the server never to deliver the message again. */
    static void term(NatsLink link, Message message) {
        link.send(reply(message), ascii("+TERM"));
    }

    private static String reply(Message message) {
        return String.valueOf(message.getReplyTo());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
