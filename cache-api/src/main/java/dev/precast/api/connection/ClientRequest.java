package dev.precast.api.connection;

import dev.precast.api.auth.Caller;
import dev.precast.api.json.Problem;
import dev.precast.protocol.ProblemCode;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A request in progress, from its head until its answer is sent. Requests that a proxy forwards count for the client's
 * address, since a proxy sends the requests of many clients through one connection. The requests whose client a proxy
 * does not name all count for the proxy's own address.
 *
 * <p>Thread safe.
 */
public final class ClientRequest {
    private final ConnectionGate gate;
    private final Watch watch;
    private final InetAddress client;
    private final boolean forwarded;
    private @Nullable String address;
    private @Nullable String token;
    private boolean released;
    private final List<Runnable> afterwards = new ArrayList<>();

    /**
     * @param client the address of the client
     * @param forwarded whether the request came from a proxy
     */
    ClientRequest(ConnectionGate gate, Watch watch, InetAddress client, boolean forwarded) {
        this.gate = gate;
        this.watch = watch;
        this.client = client;
        this.forwarded = forwarded;
        gate.begun();
    }

    /** Counts this request for its client's address; the problem if there are too many. */
    public synchronized Optional<Problem> countAddress() {
        if (!forwarded || released) {
            return Optional.empty();
        }
        String name = Counts.client(client);
        int most = gate.limits().perAddress();
        if (!gate.addresses().enter(name, most)) {
            gate.metrics().count(ConnectionMetrics.Limit.ADDRESS);
            return tooMany(most, "address " + NetUtil.toAddressString(client));
        }
        address = name;
        return Optional.empty();
    }

    /** Counts this request for the name of its token; the problem if there are too many. */
    public synchronized Optional<Problem> countToken(Caller caller) {
        if (released) {
            return Optional.empty();
        }
        int most = gate.limits().requestsPerToken();
        if (!gate.tokens().enter(caller.name(), most)) {
            gate.metrics().count(ConnectionMetrics.Limit.TOKEN);
            return tooMany(most, "caller \"" + caller.name() + "\"");
        }
        token = caller.name();
        return Optional.empty();
    }

    private static Optional<Problem> tooMany(int most, String whose) {
        return Optional.of(new Problem(
                ProblemCode.TOO_MANY_REQUESTS,
                "requests of " + whose + ": too many (expected at most " + most + " at the same time); retry later"));
    }

    /**
     * Runs an action once, when the client has received the answer or the connection is closed; at once if that has
     * happened already. The action must be short.
     */
    public void afterwards(Runnable action) {
        synchronized (this) {
            if (!released) {
                afterwards.add(action);
                return;
            }
        }
        action.run();
    }

    /**
     * Waits until the operating system has taken all bytes of the answer that were written so far. {@link UnreadBytes}
     * limits the time.
     *
     * @throws IOException if the connection is closed
     */
    public void awaitSent() throws IOException, InterruptedException {
        try {
            watch.sent().get();
        } catch (ExecutionException e) {
            throw new IOException("connection: closed before the end of the answer", e.getCause());
        }
    }

    /** The answer is complete, or the connection is closed. */
    public void end() {
        watch.end(this);
    }

    /** Ends the counts; further calls do nothing. */
    synchronized void release() {
        if (released) {
            return;
        }
        released = true;
        gate.released();
        afterwards.forEach(Runnable::run);
        afterwards.clear();
        if (address != null) {
            gate.addresses().leave(address);
            address = null;
        }
        if (token != null) {
            gate.tokens().leave(token);
            token = null;
        }
    }
}
