package dev.precast.cli;

import dev.precast.artifact.ModuleDigest;
import dev.precast.host.service.ServiceClient;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import dev.precast.load.OfferedLane;
import dev.precast.protocol.LaneJson;
import dev.precast.protocol.Paths;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "warm",
        description =
                "Requests compilations of many modules ahead of a rollout. Exit codes with --wait: 0 if every artifact"
                        + " exists, 4 if all missing artifacts were rejected, 3 if a retry may help.")
final class WarmCommand implements Callable<Exit> {
    private static final int MAX_LIST = 10_000;
    private static final int MAX_SHOWN = 20;
    private static final Duration LOOK = Duration.ofSeconds(1);

    @Mixin
    private final Common common;

    @Mixin
    private LaneChoice choice = new LaneChoice();

    @Option(
            names = "--lane",
            paramLabel = "DIGEST",
            description = "Digest of a lane, as shown by precast engines, instead of --engine; may be repeated.")
    private List<String> lanes = List.of();

    @Option(names = "--all-lanes", description = "Warm up all lanes that the service knows.")
    private boolean allLanes;

    @Option(names = "--modules", paramLabel = "FILE", description = "File with one module digest per line.")
    private @Nullable Path file;

    @Option(
            names = "--used-within",
            paramLabel = "TIME",
            description = "Add the modules that hosts loaded within this time, such as 7d or 12h.")
    private @Nullable String usedWithin;

    @Option(names = "--group", paramLabel = "NAME", description = "With --used-within: only hosts of this group.")
    private @Nullable String group;

    @Option(names = "--wait", description = "Wait for the result; otherwise return when the warm-up has started.")
    private boolean wait;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "Longest time to wait, with --wait. Default: ${DEFAULT-VALUE}.")
    private long timeout;

    @Option(names = "--cancel", paramLabel = "ID", description = "End a running warm-up.")
    private @Nullable String cancel;

    @Parameters(arity = "0..*", paramLabel = "FILE|DIGEST", description = "Modules; files are uploaded first.")
    private List<String> modules = List.of();

    WarmCommand(Surroundings around) {
        common = new Common(around);
    }

    @Override
    public Exit call() throws IOException, InterruptedException {
        refuse(group != null && usedWithin == null, "--group: needs --used-within");
        refuse(allLanes && !lanes.isEmpty(), "--all-lanes and --lane: expected one of them, found both");
        refuse(
                cancel != null && (usedWithin != null || file != null || !modules.isEmpty()),
                "--cancel: cannot be combined with modules, --modules or --used-within");
        ServiceClient service = common.service();
        if (cancel != null) {
            return told(service.delete(Paths.warmup(cancel)), List.of());
        }
        JsonObject warmup = service.post(Paths.WARMUPS, request(service), Duration.ZERO);
        if (number(warmup, "total") == 0) {
            throw new CommandFailed(
                    Exit.NOT_FOUND,
                    "no-modules",
                    "modules: nothing to warm up, because no host" + (group == null ? "" : " of group " + group)
                            + " has reported a load within " + usedWithin);
        }
        if (!wait) {
            return told(warmup, List.of());
        }
        JsonObject ended = await(service, warmup);
        List<JsonObject> troubles = troubles(service, ended);
        told(ended, troubles);
        return exit(ended);
    }

    private JsonObject request(ServiceClient service) throws IOException {
        JsonObject request = JsonObject.EMPTY;
        if (!allLanes) {
            request = request.with("lanes", Json.of(lanes(service)));
        }
        List<ModuleDigest> all = new ArrayList<>();
        if (file != null) {
            all.addAll(Modules.listed(file));
        }
        for (String module : modules) {
            all.add(
                    Modules.isDigest(module)
                            ? Modules.digest(module)
                            : Modules.digest(PushCommand.push(common, service, Path.of(module))
                                    .string("digest")));
        }
        refuse(
                all.isEmpty() && usedWithin == null,
                "modules: none given; name modules, or use --modules FILE or --used-within TIME");
        if (!all.isEmpty()) {
            request = request.with("lists", Json.ofStrings(send(service, all)));
        }
        if (usedWithin != null) {
            request = request.with("usedWithin", usedWithin);
        }
        return group == null ? request : request.with("group", group);
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new CommandFailed(Exit.USAGE, "usage", why);
        }
    }

    private List<JsonObject> lanes(ServiceClient service) throws IOException {
        if (lanes.isEmpty()) {
            return List.of(LaneJson.write(choice.in(service).lane().id()));
        }
        List<OfferedLane> known = service.lanes();
        return lanes.stream()
                .map(digest -> known.stream()
                        .map(offer -> offer.lane().id())
                        .filter(lane -> lane.digest().toString().equals(digest))
                        .findFirst()
                        .map(LaneJson::write)
                        .orElseThrow(() -> new CommandFailed(
                                Exit.NOT_FOUND,
                                "engine-not-served",
                                "lane " + digest + ": not registered; see precast engines")))
                .toList();
    }

    private static List<String> send(ServiceClient service, List<ModuleDigest> modules) throws IOException {
        List<String> lists = new ArrayList<>();
        for (int from = 0; from < modules.size(); from += MAX_LIST) {
            List<String> some = modules.subList(from, Math.min(modules.size(), from + MAX_LIST)).stream()
                    .map(ModuleDigest::toString)
                    .toList();
            lists.add(service.post(
                            Paths.MODULE_LISTS, JsonObject.EMPTY.with("modules", Json.ofStrings(some)), Duration.ZERO)
                    .string("list"));
        }
        return lists;
    }

    /** Waits until the warm-up ends, at most for the timeout; returns the warm-up. */
    private JsonObject await(ServiceClient service, JsonObject begun) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long total = number(begun, "total");
        JsonObject now = begun;
        long done = 0;
        try (Progress progress = Progress.start(common.around(), "warm " + total + " artifacts", total)) {
            while (now.string("state").equals("running")
                    && Duration.ofNanos(System.nanoTime() - start).toSeconds() < timeout) {
                Thread.sleep(LOOK.toMillis());
                now = service.get(Paths.warmup(begun.string("id")));
                long settled = total - number(now, "left");
                if (settled > done) {
                    progress.step(settled - done);
                    progress.note(Units.count(settled) + " of " + Units.count(total));
                    done = settled;
                }
            }
        }
        return now;
    }

    /** The first artifacts that are not present. */
    private static List<JsonObject> troubles(ServiceClient service, JsonObject warmup) throws IOException {
        List<JsonObject> troubles = new ArrayList<>();
        if (number(warmup, "present") == number(warmup, "total")) {
            return troubles;
        }
        String results = Paths.warmup(warmup.string("id")) + "/results?from=";
        long from = 0;
        while (from >= 0 && troubles.size() < MAX_SHOWN) {
            JsonObject page = service.get(results + from);
            for (Json result : page.array("results")) {
                JsonObject one = result.asObject("result");
                if (!one.string("state").equals("present") && troubles.size() < MAX_SHOWN) {
                    troubles.add(one);
                }
            }
            from = page.find("next").isPresent() ? number(page, "next") : -1;
        }
        return troubles;
    }

    private Exit told(JsonObject warmup, List<JsonObject> troubles) {
        StringBuilder lines = new StringBuilder(warmup.string("state"))
                .append("  ")
                .append(warmup.string("id"))
                .append("  ")
                .append(number(warmup, "present"))
                .append(" of ")
                .append(number(warmup, "total"))
                .append(" present");
        for (String state : List.of("rejected", "failed", "unknown", "refused", "left")) {
            if (number(warmup, state) > 0) {
                lines.append(", ").append(number(warmup, state)).append(' ').append(state);
            }
        }
        for (String lane : withoutWorkers(warmup)) {
            lines.append("\n  no worker serves ").append(lane);
        }
        for (JsonObject trouble : troubles) {
            lines.append("\n  ").append(trouble.string("state")).append("  ").append(trouble.string("module"));
            trouble.find("message").ifPresent(m -> lines.append("  ").append(m.asString("message")));
        }
        common.print(warmup.with("troubles", Json.of(troubles)), lines.toString());
        return Exit.OK;
    }

    /** The lanes that no worker serves now; older services do not tell. */
    private static List<String> withoutWorkers(JsonObject warmup) {
        if (warmup.find("withoutWorkers").isEmpty()) {
            return List.of();
        }
        List<Json> lanes = warmup.array("lanes");
        return warmup.array("withoutWorkers").stream()
                .filter(number -> number instanceof Json.Int(long value) && value >= 0 && value < lanes.size())
                .map(number -> lanes.get(Integer.parseInt(number.canonical())).asObject("lane"))
                .map(lane -> lane.string("engine") + " on " + lane.string("target"))
                .toList();
    }

    private static Exit exit(JsonObject ended) {
        long present = number(ended, "present");
        long total = number(ended, "total");
        if (ended.string("state").equals("done") && present == total) {
            return Exit.OK;
        }
        return present + number(ended, "rejected") == total ? Exit.REJECTED : Exit.NOT_FOUND;
    }

    private static long number(JsonObject from, String name) {
        return from.integer(name, 0, Json.MAX_INT);
    }
}
