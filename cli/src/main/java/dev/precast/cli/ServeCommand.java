package dev.precast.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "serve", description = "Runs the service in the foreground until this command is ended.")
final class ServeCommand implements Callable<Integer> {
    /** Time for the service to stop: 30 s for running compilations, and a minute to return the others to the queue. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(90);

    @Mixin
    private final Common common;

    @Option(
            names = "--port",
            defaultValue = "8077",
            description = "Port to listen on, on loopback. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--role",
            defaultValue = "all",
            description = "Role of the process: all, api or worker. Default: ${DEFAULT-VALUE}.")
    private String role = "all";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A configuration key of the service, such as precast.slots=2.")
    private List<String> settings = List.of();

    ServeCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "precast.port=" + port,
                "precast.role=" + role,
                "precast.data=" + common.data().toAbsolutePath()));
        all.addAll(settings);
        Process server = new ProcessBuilder(
                        ServerProcess.command(common.around(), Installation.find(common.around()), all))
                .inheritIO()
                .start();
        // Passes a signal to the service. From a terminal both processes get it.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server)));
        return server.waitFor();
    }

    private static void end(Process server) {
        server.destroy();
        try {
            if (!server.waitFor(STOP_TIMEOUT)) {
                server.destroyForcibly();
            }
        } catch (InterruptedException e) {
            server.destroyForcibly();
        }
    }
}
