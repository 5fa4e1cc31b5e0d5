package dev.precast.s3;

import dev.precast.launcher.ServerProcess;
import dev.precast.testkit.server.RealServer;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.Toxic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real Toxiproxy in front of a server on loopback. */
final class Proxied implements AutoCloseable {
    private final ServerProcess server;
    private final Proxy proxy;
    private final int port;

    private Proxied(ServerProcess server, Proxy proxy, int port) {
        this.server = server;
        this.proxy = proxy;
        this.port = port;
    }

    static Proxied before(int target, Path log) throws IOException, InterruptedException {
        int control = RealServer.freePort();
        ServerProcess server = RealServer.start(
                List.of(RealServer.find("toxiproxy-server"), "-host", "127.0.0.1", "-port", Integer.toString(control)),
                Map.of(),
                control,
                log);
        int port = RealServer.freePort();
        Proxy proxy =
                new ToxiproxyClient("127.0.0.1", control).createProxy("s3", "127.0.0.1:" + port, "127.0.0.1:" + target);
        return new Proxied(server, proxy, port);
    }

    int port() {
        return port;
    }

    Proxy proxy() {
        return proxy;
    }

    /** Removes all faults. */
    void heal() throws IOException {
        for (Toxic toxic : proxy.toxics().getAll()) {
            toxic.remove();
        }
        proxy.enable();
    }

    @Override
    public void close() {
        server.close();
    }
}
