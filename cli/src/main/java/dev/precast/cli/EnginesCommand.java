package dev.precast.cli;

import dev.precast.artifact.Lane;
import dev.precast.json.Json;
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
        String lines = answer.array("lanes").stream()
                .map(lane -> lane.asObject("lane"))
                .map(lane -> line(LaneJson.offer(lane)) + workers(lane))
                .collect(Collectors.joining("\n"));
        common.print(answer, lines.isEmpty() ? "no lanes" : lines);
        return Exit.OK;
    }

    private static String line(OfferedLane offer) {
        Lane lane = offer.lane();
        return lane.engine() + "  " + offer.profile() + "  " + lane.target() + "  " + offer.format() + "\n  lane   "
                + lane.id().digest() + "\n  hash   " + lane.engineHash() + "\n  config "
                + lane.config().options();
    }

    /** The number of workers that take requests, and why others do not; nothing if an older service does not say. */
    private static String workers(JsonObject lane) {
        if (lane.find("workers").isEmpty()) {
            return "";
        }
        long workers = lane.integer("workers", 0, Long.MAX_VALUE);
        StringBuilder text = new StringBuilder("\n  workers ")
                .append(workers == 0 ? "none; requests wait until one takes them" : workers);
        if (lane.find("troubles").isPresent()) {
            for (Json trouble : lane.array("troubles")) {
                text.append("\n          a worker takes no requests: ").append(trouble.asString("trouble"));
            }
        }
        return text.toString();
    }
}
