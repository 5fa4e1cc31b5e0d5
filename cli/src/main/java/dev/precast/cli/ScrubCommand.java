package dev.precast.cli;

import dev.precast.host.service.ServiceClient;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "scrub",
        description =
                "Makes the service read all payloads and modules, and repair or delete what is damaged. Waits for the"
                        + " end; the exit code is 0 even if something was damaged. Needs the role admin.")
final class ScrubCommand implements Callable<Exit> {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration FIRST_LOOK = Duration.ofMillis(50);
    private static final String RUNNING = "running";

    @Mixin
    private final Common common;

    @Option(names = "--no-wait", description = "Return when the scrub has started.")
    private boolean noWait;

    @Option(names = "--status", description = "Show the last scrub; start none.")
    private boolean status;

    ScrubCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, InterruptedException {
        ServiceClient service = common.service();
        if (status) {
            return told(service.get(Paths.SCRUBS));
        }
        JsonObject started = service.post(Paths.SCRUBS, JsonObject.EMPTY, Duration.ZERO);
        return told(noWait ? started : await(service, started));
    }

    private JsonObject await(ServiceClient service, JsonObject started) throws IOException, InterruptedException {
        JsonObject now = started;
        long read = 0;
        long pause = FIRST_LOOK.toMillis();
        try (Progress progress = Progress.start(common.around(), "scrub", -1)) {
            while (now.string("state").equals(RUNNING)) {
                Thread.sleep(pause);
                pause = Math.min(2 * pause, LOOK.toMillis());
                now = service.get(Paths.SCRUBS);
                progress.step(number(now, "bytes") - read);
                read = number(now, "bytes");
            }
        }
        return now;
    }

    private Exit told(JsonObject scrub) {
        String state = scrub.string("state");
        common.print(scrub, state.equals("none") ? "there was no scrub" : lines(state, scrub));
        return Exit.OK;
    }

    private static String lines(String state, JsonObject scrub) {
        StringBuilder lines = new StringBuilder(state)
                .append(state.equals(RUNNING) ? " since " : ", started ")
                .append(scrub.string("startedAt"))
                .append("\n  read       ")
                .append(count(scrub, "artifacts"))
                .append(" artifacts and ")
                .append(count(scrub, "modules"))
                .append(" modules, ")
                .append(Units.bytes(number(scrub, "bytes")))
                .append("\n  damaged    ")
                .append(count(scrub, "rebuilt"))
                .append(" artifacts repaired, ")
                .append(count(scrub, "deleted"))
                .append(" artifacts and ")
                .append(count(scrub, "deletedModules"))
                .append(" modules deleted");
        if (number(scrub, "unknown") > 0) {
            lines.append("\n  not read   ").append(count(scrub, "unknown")).append("; see the service's log");
        }
        if (number(scrub, "absent") > 0) {
            lines.append("\n  absent     ")
                    .append(count(scrub, "absent"))
                    .append(" attestations are damaged, not accepted by the policy, or without a payload");
        }
        return lines.toString();
    }

    private static String count(JsonObject scrub, String name) {
        return Units.count(number(scrub, name));
    }

    private static long number(JsonObject scrub, String name) {
        return scrub.integer(name, 0, Json.MAX_INT);
    }
}
