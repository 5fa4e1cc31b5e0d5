package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.List;
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
    public Exit call() {
        List<JsonObject> lanes = LaneChoice.lanes(common.service());
        String lines = lanes.stream()
                .map(lane -> lane.string("engine") + "  " + lane.string("profile") + "  " + lane.string("target")
                        + "  " + lane.string("format") + "\n  lane   " + lane.string("lane") + "\n  hash   "
                        + lane.string("engineHash") + "\n  config " + lane.object("config"))
                .collect(Collectors.joining("\n"));
        common.print(JsonObject.EMPTY.with("lanes", Json.of(lanes)), lanes.isEmpty() ? "no lanes" : lines);
        return Exit.OK;
    }
}
