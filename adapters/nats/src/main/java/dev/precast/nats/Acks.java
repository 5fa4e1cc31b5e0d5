package dev.precast.nats;

import dev.precast.cache.queue.QueueUnavailableException;
import io.nats.client.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What JetStream is told of a message, by its protocol (ADR-15 of NATS). */
final class Acks {
    private Acks() {}

    /** It is done; returns when the server knows. */
    static void done(NatsLink link, Message message) {
        if (link.request(reply(message), ascii("+ACK")).isEmpty()) {
            String why = "acknowledging " + message.getSubject() + ": no answer";
            throw new QueueUnavailableException(why, new IOException(why));
        }
    }

    /** It is to come again after the delay. */
    static void again(NatsLink link, Message message, Duration delay) {
        link.send(reply(message), ascii("-NAK {\"delay\":" + delay.toNanos() + "}"));
    }

    /** It is in work. */
    static void working(NatsLink link, Message message) {
        link.send(reply(message), ascii("+WPI"));
    }

    /** It is not to come again. */
    static void never(NatsLink link, Message message) {
        link.send(reply(message), ascii("+TERM"));
    }

    private static String reply(Message message) {
        return String.valueOf(message.getReplyTo());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
