package dev.precast.api.connection;

import dev.precast.api.connection.ConnectionMetrics.Expired;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Closes a connection on which no request comes in time. A connection waits for the rest of a request's head, or for a
 * request to begin; while a request is in progress, others limit its time. Netty's idle handlers start anew with each
 * byte, so they do not end heads that trickle. Counts the bytes of answers that the client has not read.
 *
 * <p>The event loop of the connection calls all methods except {@link #end} and {@link #sent}, which any thread may call.
 */
final class Watch extends ChannelDuplexHandler {
    static final AttributeKey<Watch> KEY = AttributeKey.valueOf(Watch.class, "watch");

    private final ConnectionGate gate;
    private InetAddress source;
    private @Nullable ClientRequest current;
    private @Nullable Expired awaited;
    private @Nullable Future<?> timer;
    private volatile @Nullable ChannelHandlerContext context;
    private UnreadBytes.@Nullable Backlog backlog;

    /** @param peer the other end of the connection */
    Watch(ConnectionGate gate, InetAddress peer) {
        this.gate = gate;
        this.source = peer;
    }

    /** The peer, or the source that a proxy named with the PROXY protocol. */
    InetAddress source() {
        return source;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        backlog = gate.unread().of(added);
        added.channel().attr(KEY).set(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        await(active, Expired.HEAD, gate.limits().headWithin());
        active.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        if (message instanceof HAProxyMessage header) {
            readHeader(reading, header);
            return;
        }
        if (awaited == Expired.IDLE) {
            await(reading, Expired.HEAD, gate.limits().headWithin());
        }
        reading.fireChannelRead(message);
    }

    /**
     * Takes the client's address from a header. A header without an address announces a connection of the proxy itself,
     * such as a health check.
     */
    private void readHeader(ChannelHandlerContext reading, HAProxyMessage header) {
        String address = header.sourceAddress();
        header.release();
        InetAddress client = address == null ? null : NetUtil.createInetAddressFromIpAddressString(address);
        if (client != null && !client.equals(source)) {
            source = client;
            if (!gate.enter(reading.channel(), client)) {
                close(reading);
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        if (cause instanceof HAProxyProtocolException) {
            gate.refuseHeader(source);
            close(failed);
        } else {
            failed.fireExceptionCaught(cause);
        }
    }

    @Override
    public void write(ChannelHandlerContext writing, Object message, ChannelPromise promise) {
        UnreadBytes.Backlog unread = backlog;
        ChannelPromise taken = promise;
        if (unread != null && message instanceof ByteBuf bytes && bytes.isReadable()) {
            long size = bytes.readableBytes();
            unread.add(size);
            taken = promise.unvoid().addListener(written -> unread.remove(size));
        }
        var unused = writing.write(message, taken); // the sender has the promise
    }

    /**
     * Completes when the operating system has taken all bytes that were written before this call; completes
     * exceptionally if the connection is closed.
     */
    CompletableFuture<Void> sent() {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        ChannelHandlerContext used = context;
        if (used == null) {
            sent.complete(null);
            return sent;
        }
        used.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
            if (flushed.isSuccess()) {
                sent.complete(null);
            } else {
                sent.completeExceptionally(flushed.cause());
            }
        });
        return sent;
    }

    /** A request's head is complete. */
    void begin(ClientRequest begun) {
        stopTimer();
        current = begun;
    }

    /** The answer is written, or there will be none. The request counts until the client has received the answer. */
    void end(ClientRequest ended) {
        ChannelHandlerContext used = context;
        if (used == null) {
            return;
        }
        EventExecutor loop = used.executor();
        if (loop.inEventLoop()) {
            flush(used, ended);
        } else if (!loop.isShuttingDown()) {
            loop.execute(() -> flush(used, ended));
        }
    }

    private void flush(ChannelHandlerContext used, ClientRequest ended) {
        used.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
            ended.release();
            // The next request may have begun already.
            if (current == ended) {
                current = null;
                await(used, Expired.IDLE, gate.limits().idleWithin());
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        stopTimer();
        if (current != null) {
            current.release();
            current = null;
        }
        inactive.fireChannelInactive();
    }

    private void await(ChannelHandlerContext waiting, Expired what, Duration within) {
        stopTimer();
        if (!waiting.channel().isActive()) {
            return;
        }
        awaited = what;
        timer = waiting.executor()
                .schedule(
                        () -> {
                            gate.metrics().count(what);
                            close(waiting);
                        },
                        within.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private static void close(ChannelHandlerContext closed) {
        var unused = closed.close(); // nothing follows
    }

    private void stopTimer() {
        awaited = null;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
