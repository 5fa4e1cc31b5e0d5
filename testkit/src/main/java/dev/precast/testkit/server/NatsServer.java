package dev.precast.testkit.server;

import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A real nats-server with JetStream in a folder. It can be killed and started again on the same port. */
public final class NatsServer implements AutoCloseable {
    private static final List<String> ROLES = List.of("admin", "api", "worker", "host");

    private final Path folder;
    private final List<String> command;
    private final Map<String, String> environment;
    private final int port;
    private final int monitor;
    private ServerProcess process;

    private NatsServer(Path folder, List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        this.folder = folder;
        this.port = RealServer.freePort();
        this.command = new ArrayList<>(
                List.of(RealServer.find("nats-server"), "--addr", "127.0.0.1", "--port", Integer.toString(port)));
        this.monitor = RealServer.freePort();
        this.command.addAll(List.of("--http_port", Integer.toString(monitor)));
        this.command.addAll(arguments);
        this.environment = environment;
        this.process = run();
    }

    /**
     * Starts a server on a free port.
     *
     * @param folder an existing folder for the log and JetStream's files
     * @param more additional arguments
     */
    public static NatsServer start(Path folder, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("--jetstream", "--store_dir", stored(folder).toString()));
        arguments.addAll(List.of(more));
        return new NatsServer(folder, arguments, Map.of());
    }

    /** The configurations in {@code deploy/nats}. */
    public enum Layout {
        /** Hosts are in an account of their own. */
        ACCOUNTS("precast.conf"),
        /** All users are in one account. */
        ONE_ACCOUNT("one-account.conf");

        private final String file;

        Layout(String file) {
            this.file = file;
        }
    }

    /**
     * Starts a server with the configuration that is shipped: the users admin, api, worker and host with their
     * permissions.
     */
    public static NatsServer withRoles(Path folder) throws IOException, InterruptedException {
        return withRoles(folder, Layout.ACCOUNTS);
    }

    /** Starts a server with a configuration of {@code deploy/nats}. */
    public static NatsServer withRoles(Path folder, Layout layout) throws IOException, InterruptedException {
        return withRoles(folder, RealServer.home().resolve("deploy/nats").resolve(layout.file), Map.of());
    }

    /**
     * Starts a server with the users of {@link #withRoles(Path)}.
     *
     * @param config a configuration file
     * @param more environment variables for {@code config}, besides the passwords
     */
    public static NatsServer withRoles(Path folder, Path config, Map<String, String> more)
            throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("NATS_STORE", stored(folder).toString());
        ROLES.forEach(role -> environment.put("PRECAST_NATS_" + role.toUpperCase(Locale.ROOT), password(role)));
        return new NatsServer(folder, List.of("--config", config.toString()), environment);
    }

    /** The password of a user of {@link #withRoles}. */
    public static String password(String role) {
        return "a-password-of-" + role;
    }

    private static Path stored(Path folder) {
        return folder.resolve("jetstream");
    }

    private ServerProcess run() throws IOException, InterruptedException {
        return RealServer.start(command, environment, port, folder.resolve("nats-server.log"));
    }

    public int port() {
        return port;
    }

    /** The address of the server's monitoring, such as its {@code /varz}. */
    public URI monitor() {
        return URI.create("http://127.0.0.1:" + monitor);
    }

    /** The running or last process. */
    public ServerProcess process() {
        return process;
    }

    /** Kills the server with SIGKILL. */
    public void kill() {
        process.kill();
    }

    /** Starts the server again after {@link #kill}. */
    public void startAgain() throws IOException, InterruptedException {
        process = run();
    }

    /** Starts the server again after {@link #kill}, without the stored data. */
    public void startAgainEmpty() throws IOException, InterruptedException {
        RealServer.delete(stored(folder));
        startAgain();
    }

    @Override
    public void close() {
        process.close();
    }
}
