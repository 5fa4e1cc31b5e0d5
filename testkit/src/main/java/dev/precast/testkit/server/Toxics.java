package dev.precast.testkit.server;

import dev.precast.launcher.ServerProcess;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.Toxic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A real Toxiproxy between clients and a server on loopback. Needs {@code toxiproxy-java} on the class path of the
 * tests.
 */
public final class Toxics implements AutoCloseable {
    private final ServerProcess process;
    private final Proxy proxy;
    private final int port;

    private Toxics(ServerProcess process, Proxy proxy, int port) {
        this.process = process;
        this.proxy = proxy;
        this.port = port;
    }

    /**
     * @param target port of the server
     * @param log the output of the proxy is appended to this file
     */
    public static Toxics before(int target, Path log) throws IOException, InterruptedException {
        int control = RealServer.freePort();
        ServerProcess process = RealServer.start(
                List.of(RealServer.find("toxiproxy-server"), "-host", "127.0.0.1", "-port", Integer.toString(control)),
                Map.of(),
                control,
                log);
        int port = RealServer.freePort();
        try {
            Proxy proxy = new ToxiproxyClient("127.0.0.1", control)
                    .createProxy("server", "127.0.0.1:" + port, "127.0.0.1:" + target);
            return new Toxics(process, proxy, port);
        } catch (IOException e) {
            process.close();
            throw e;
        }
    }

    /** The proxy's port, which clients use instead of the server's. */
    public int port() {
        return port;
    }

    /** The proxy, to which faults are added. */
    public Proxy proxy() {
        return proxy;
    }

    /** Removes all faults. */
    public void heal() throws IOException {
        for (Toxic toxic : proxy.toxics().getAll()) {
            toxic.remove();
        }
        proxy.enable();
    }

    @Override
    public void close() {
        process.close();
    }
}
