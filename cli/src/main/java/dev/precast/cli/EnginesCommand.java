package dev.precast.cli;

import dev.precast.artifact.Lane;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "engines", description = "Lists the lanes that the service compiles for.")
final class EnginesCommand implements Callable<Exit> {
    @Mixin
    private final Common common;

    EnginesCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        JsonObject answer = common.service().get(Paths.ENGINES);
        String lines =
                LaneJson.offers(answer).stream().map(EnginesCommand::line).collect(Collectors.joining("\n"));
        common.print(answer, lines.isEmpty() ? "no lanes" : lines);
        return Exit.OK;
    }

    private static String line(OfferedLane offer) {
        Lane lane = offer.lane();
        return lane.engine() + "  " + offer.profile() + "  " + lane.target() + "  " + offer.format() + "\n  lane   "
                + lane.id().digest() + "\n  hash   " + lane.engineHash() + "\n  config "
                + lane.config().options();
    }
}
