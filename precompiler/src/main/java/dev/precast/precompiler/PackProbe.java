package dev.precast.precompiler;

import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.attestation.RefusedException;
import dev.precast.cache.outcome.Limits;
import dev.precast.cache.worker.LaneOffer;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import dev.precast.pack.PackFolder;
import dev.precast.protocol.LaneJson;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Finds the lanes that a pack serves on this machine. Runs the pack's probe command in a child process or, if the pack
 * has none, compiles the empty module in each lane.
 */
final class PackProbe {
    private static final System.Logger LOG = System.getLogger(PackProbe.class.getName());
    private static final String REFUSED = "refused";
    private static final Limits LIMITS = new Limits(512, 1024, 60, 60, 16);

    private final Path jobs;
    private final Limits offered;
    private final JsonObject caps;
    private volatile boolean trouble;

    /**
     * @param jobs the folder for children's folders
     * @param offered limits of the offered lanes
     * @param caps static caps of the offered lanes
     */
    PackProbe(Path jobs, Limits offered, JsonObject caps) {
        this.jobs = jobs;
        this.offered = offered;
        this.caps = caps;
    }

    /**
     * Finds the lanes of all packs, in parallel. Logs and leaves out a pack whose probe command fails, and a lane in
     * which the empty module cannot be compiled.
     */
    List<ServedLane> lanes(List<EnginePack> packs) throws InterruptedException {
        List<ServedLane> lanes = new ArrayList<>();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("precast-probe").factory())) {
            List<Future<List<ServedLane>>> asked = new ArrayList<>();
            packs.forEach(pack -> asked.add(threads.submit(() -> lanes(pack))));
            for (Future<List<ServedLane>> one : asked) {
                lanes.addAll(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("packs: probe failed: " + e.getCause(), e);
        }
        return lanes;
    }

    /** Whether this machine could not run the probe of a pack, which has no lanes then. */
    boolean hadTrouble() {
        return trouble;
    }

    private List<ServedLane> lanes(EnginePack pack) throws InterruptedException {
        return pack.commands().probe().isEmpty() ? byCompiling(pack) : byAsking(pack);
    }

    private List<ServedLane> byCompiling(EnginePack pack) throws InterruptedException {
        List<ServedLane> lanes = new ArrayList<>();
        for (Map.Entry<String, CompileConfig> profile : pack.profiles().entrySet()) {
            for (Target target : pack.targets(profile.getKey())) {
                try {
                    EngineHash hash = new CommandIdentity(jobs, pack, profile.getValue(), target).engineHash();
                    lanes.add(served(pack, profile.getKey(), hash, target));
                } catch (SupervisorTroubleException e) {
                    trouble = true;
                    return refused(pack, String.valueOf(e.getMessage())); // All lanes, so that all are found later.
                } catch (IOException | RefusedException | IllegalArgumentException e) {
                    notOffered(pack, profile.getKey(), target, String.valueOf(e.getMessage()));
                }
            }
        }
        return lanes;
    }

    private static void notOffered(EnginePack pack, String profile, Target target, String why) {
        LOG.log(Level.WARNING, "pack " + pack + ": profile " + profile + " for " + target + " not offered: " + why);
    }

    private List<ServedLane> byAsking(EnginePack pack) throws InterruptedException {
        try (ChildFolder folder = ChildFolder.in(jobs)) {
            List<String> command =
                    PackCommand.expand(pack.commands().probe(), PackCommand.values(pack, LIMITS.heapMb(), ""));
            return switch (new ChildProcess(folder, List.of(pack.folder()), LIMITS).run(command)) {
                case ChildProcess.Killed killed -> refused(pack, killed.why());
                case ChildProcess.Exited exited
                when exited.code() != 0 ->
                    refused(
                            pack,
                            "exit code " + exited.code() + ": " + exited.err().strip());
                case ChildProcess.Exited exited -> read(pack, exited.out());
            };
        } catch (SupervisorTroubleException e) {
            trouble = true;
            return refused(pack, String.valueOf(e.getMessage()));
        } catch (IOException | IllegalArgumentException e) {
            return refused(pack, String.valueOf(e.getMessage()));
        }
    }

    private static List<ServedLane> refused(EnginePack pack, String why) {
        LOG.log(Level.WARNING, "pack " + pack + ": not offered, because its probe failed: " + why);
        return List.of();
    }

    private List<ServedLane> read(EnginePack pack, String out) {
        List<ServedLane> lanes = new ArrayList<>();
        JsonObject probe = Json.parse(out).asObject("probe").only("probe", Set.of("lanes", REFUSED));
        for (Json item : probe.array("lanes")) {
            JsonObject lane =
                    item.asObject("lane").only("lane", Set.of("profile", LaneJson.ENGINE_HASH, "target", "format"));
            String profile = lane.string("profile");
            Target target = new Target(lane.string("target"));
            if (!pack.profiles().containsKey(profile)
                    || !pack.targets(profile).contains(target)
                    || !lane.string("format").equals(pack.format())) {
                throw new JsonException("lane of profile " + profile + ", target " + target + " and format "
                        + lane.string("format") + " is not in " + PackFolder.DESCRIPTION);
            }
            lanes.add(served(pack, profile, EngineHash.parse(lane.string(LaneJson.ENGINE_HASH)), target));
        }
        if (probe.find(REFUSED).isPresent()) {
            for (Json item : probe.array(REFUSED)) {
                JsonObject lane = item.asObject(REFUSED).only(REFUSED, Set.of("profile", "target", "why"));
                notOffered(pack, lane.string("profile"), new Target(lane.string("target")), lane.string("why"));
            }
        }
        return lanes;
    }

    private ServedLane served(EnginePack pack, String profile, EngineHash engineHash, Target target) {
        CompileConfig config = Objects.requireNonNull(pack.profiles().get(profile));
        return new ServedLane(
                pack,
                new LaneOffer(
                        new Lane(pack.engine(), engineHash, config, target),
                        profile,
                        pack.format(),
                        pack.digest(),
                        offered,
                        caps));
    }
}
