package dev.precast.api.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that do not read their answers. At most 1,000 bytes may be unread, and a client must read 100 a second. */
class UnreadBytesTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ConnectionMetrics metrics = new ConnectionMetrics(registry);
    private final AtomicLong now = new AtomicLong(-5);
    private final UnreadBytes unread = new UnreadBytes(1000, 100, metrics, now::get);
    private final ConnectionGate gate =
            new ConnectionGate(Accepted.LIMITS, new Proxies(List.of(), false), metrics, unread);

    @AfterEach
    void close() {
        unread.close();
    }

    private Accepted connect(int number) throws Exception {
        return Accepted.connect(gate, "203.0.113." + number);
    }

    /** A client that reads nothing of an answer. */
    private Accepted silent(int number, int bytes) throws Exception {
        Accepted client = connect(number);
        client.readsNothing(true);
        write(client, bytes);
        return client;
    }

    private static void write(Accepted client, int bytes) {
        var unused = client.writeOneOutbound(Unpooled.wrappedBuffer(new byte[bytes]));
        client.flush();
    }

    private void pass(int seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
        unread.closeSlow();
    }

    private double unreadBytes() {
        return registry.get("precast.answers.unread").gauge().value();
    }

    private double closed(String reason) {
        return registry.get("precast.connections.expired")
                .tag("reason", reason)
                .counter()
                .count();
    }

    @Test
    void a_client_that_does_not_read_is_cut_off_after_ten_seconds_and_the_time_for_the_bytes() throws Exception {
        Accepted client = silent(1, 500);

        pass(15);
        assertThat(client.isOpen()).isTrue();
        pass(1);

        assertThat(client.isOpen()).isFalse();
        assertThat(closed("answer")).isOne();
        assertThat(unreadBytes()).isZero();
    }

    @Test
    void a_client_that_reads_everything_has_no_deadline() throws Exception {
        Accepted client = silent(1, 500);
        pass(15);
        client.readsNothing(false);
        client.flush();
        assertThat(unreadBytes()).isZero();

        pass(100);
        client.readsNothing(true);
        write(client, 100);
        pass(10);

        assertThat(client.isOpen()).isTrue();
        client.releaseOutbound();
    }

    @Test
    void too_many_unread_bytes_end_the_connection_that_has_read_nothing_for_the_longest_time() throws Exception {
        Accepted first = silent(1, 400);
        now.incrementAndGet();
        Accepted second = silent(2, 400);
        now.incrementAndGet();
        first.readsNothing(false);
        first.flush();
        first.readsNothing(true);
        write(first, 400);
        assertThat(unreadBytes()).isEqualTo(800);
        now.incrementAndGet();

        Accepted third = silent(3, 400);

        assertThat(first.isOpen()).isTrue();
        assertThat(second.isOpen()).isFalse();
        assertThat(third.isOpen()).isTrue();
        assertThat(unreadBytes()).isEqualTo(800);
        assertThat(closed("unread")).isOne();
        first.releaseOutbound();
    }

    @Test
    void the_sender_waits_until_the_bytes_are_taken() throws Exception {
        Accepted client = silent(1, 500);
        CompletableFuture<Void> sent = client.watch().sent();
        client.runPendingTasks();
        assertThat(sent).isNotDone();

        client.readsNothing(false);
        client.flush();
        client.runPendingTasks();

        assertThat(sent).isCompleted();
        client.releaseOutbound();
    }

    @Test
    void the_sender_is_told_that_the_connection_was_closed() throws Exception {
        Accepted client = silent(1, 500);
        CompletableFuture<Void> sent = client.watch().sent();

        client.hangUp();
        client.runPendingTasks();

        assertThatThrownBy(sent::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class);
        assertThat(unreadBytes()).isZero();
    }

    @Test
    void an_action_after_a_request_runs_once_even_if_the_connection_is_closed_before() throws Exception {
        AtomicLong runs = new AtomicLong();
        Accepted client = connect(1);
        ClientRequest request = client.begin(gate, false);
        request.afterwards(runs::incrementAndGet);
        assertThat(runs).hasValue(0);

        client.hangUp();
        request.end();
        request.afterwards(runs::incrementAndGet);

        assertThat(runs).hasValue(2);
    }
}
