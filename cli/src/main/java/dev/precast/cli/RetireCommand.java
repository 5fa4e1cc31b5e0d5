package dev.precast.cli;

import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "retire",
        description =
                "Retires artifacts by lane, last use or total size; without --apply, only lists them. Keeps artifacts"
                        + " of running warm-ups, and of loads, lookups and warm-ups in the last hour. The service's"
                        + " sweep or the next --apply deletes the payloads after a day. With --lane as the only"
                        + " criterion, also removes the lane if no worker serves it.")
final class RetireCommand implements Callable<Exit> {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([kMGT]?)");
    private static final int MAX_SHOWN = 20;
    private static final Duration LONGEST = Duration.ofMinutes(30);

    @Mixin
    private final Common common;

    @Option(names = "--lane", paramLabel = "DIGEST", description = "Only artifacts of this lane; may be repeated.")
    private List<String> lanes = List.of();

    @Option(
            names = "--unused-for",
            paramLabel = "TIME",
            description = "Only artifacts not used for this long, such as 30d; at most 35d.")
    private @Nullable String unusedFor;

    @Option(
            names = "--keep",
            paramLabel = "SIZE",
            description = "Retire the least recently used artifacts until payloads total at most SIZE, such as 50G.")
    private @Nullable String keep;

    @Option(names = "--apply", description = "Retire the artifacts.")
    private boolean apply;

    @Option(names = "--dry-run", description = "Only list what would be retired (the default).")
    private boolean dryRun;

    RetireCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException {
        if (apply && dryRun) {
            throw new CommandFailed(Exit.USAGE, "usage", "--apply and --dry-run: expected one of them, found both");
        }
        JsonObject request = JsonObject.EMPTY.with("apply", Json.of(apply));
        if (!lanes.isEmpty()) {
            request = request.with("lanes", Json.ofStrings(lanes));
        }
        if (unusedFor != null) {
            request = request.with("unusedFor", unusedFor);
        }
        if (keep != null) {
            request = request.with("keepBytes", bytes(keep));
        }
        if (request.members().size() == 1) {
            throw new CommandFailed(
                    Exit.USAGE, "usage", "retire: specify at least one of --lane, --unused-for, --keep");
        }
        JsonObject answer = common.service().post(Paths.RETIREMENTS, request, LONGEST);
        common.print(answer, lines(answer));
        return Exit.OK;
    }

    private static String lines(JsonObject answer) {
        boolean applied = answer.get("applied").equals(Json.of(true));
        StringBuilder lines = new StringBuilder(applied ? "retired  " : "would retire  ")
                .append(Units.count(number(answer, "artifacts")))
                .append(" of ")
                .append(Units.count(number(answer, "total")))
                .append(" artifacts, ")
                .append(Units.bytes(number(answer, "bytes")))
                .append(" of ")
                .append(Units.bytes(number(answer, "totalBytes")));
        if (number(answer, "spared") > 0) {
            lines.append("; ")
                    .append(Units.count(number(answer, "spared")))
                    .append(" stay, because hosts or warm-ups use them");
        }
        answer.array("items").stream()
                .limit(MAX_SHOWN)
                .map(item -> item.asObject("item"))
                .forEach(item -> lines.append("\n  ")
                        .append(item.string("lastUse"))
                        .append("  ")
                        .append(item.string("module"))
                        .append("  ")
                        .append(item.string("engine")));
        answer.array("lanes")
                .forEach(lane -> lines.append(applied ? "\nretired lane  " : "\nwould retire lane  ")
                        .append(lane.asString("lane")));
        answer.array("served")
                .forEach(lane -> lines.append("\nlane stays, because a worker serves it: ")
                        .append(lane.asString("lane")));
        if (applied) {
            lines.append("\npayloads of earlier retirements deleted  ")
                    .append(Units.count(number(answer, "deletedPayloads")))
                    .append(", ")
                    .append(Units.bytes(number(answer, "deletedBytes")));
        } else {
            lines.append("\nnothing was changed; use --apply to retire");
        }
        return lines.toString();
    }

    /** Parses a size with decimal units. */
    private static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new CommandFailed(
                    Exit.USAGE,
                    "usage",
                    "--keep: expected a number of bytes, optionally with k, M, G or T, such as 50G, found " + text);
        }
        long value = Long.parseLong(matcher.group(1));
        for (char unit : "kMGT".toCharArray()) {
            if (matcher.group(2).isEmpty()) {
                return value;
            }
            value = Math.multiplyExact(value, 1000);
            if (matcher.group(2).toLowerCase(Locale.ROOT).charAt(0) == Character.toLowerCase(unit)) {
                return value;
            }
        }
        return value;
    }

    private static long number(JsonObject from, String name) {
        return from.integer(name, 0, Json.MAX_INT);
    }
}
