package dev.precast.cli;

import dev.precast.launcher.Installation;
import dev.precast.launcher.PrecastServer;
import dev.precast.launcher.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "serve", description = "Runs the service in the foreground until it is stopped.")
final class ServeCommand implements Callable<Integer> {
    @Mixin
    private final Common common;

    @Option(
            names = "--port",
            defaultValue = "8077",
            description = "Loopback port to listen on. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--role",
            defaultValue = "all",
            description = "Role of the process: all, api, worker or edge. Default: ${DEFAULT-VALUE}.")
    private String role = "all";

    @Option(
            names = "--upstream",
            paramLabel = "URL",
            description = "The service whose answers an edge passes on and keeps; for the role edge.")
    private @Nullable URI upstream;

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
        Installation installation = common.around().installation();
        List<String> options = packs(common.around(), installation);
        options.addAll(List.of(
                "-Dprecast.port=" + port,
                "-Dprecast.role=" + role,
                "-Dprecast.data=" + common.data().toAbsolutePath()));
        if (upstream != null) {
            options.add("-Dprecast.edge.upstream=" + upstream);
        }
        settings.forEach(setting -> options.add("-D" + setting));
        return ServerProcess.runInForeground(PrecastServer.command(installation, options));
    }

    /** The server's option for the folder of the installation's packs; empty if PRECAST_PACKS_FOLDER is set. */
    static List<String> packs(Surroundings around, Installation installation) {
        List<String> options = new ArrayList<>();
        if (around.variable("PRECAST_PACKS_FOLDER").isEmpty()) {
            options.add("-Dprecast.packs.folder=" + installation.packs());
        }
        return options;
    }
}
