package dev.precast.cli;

import dev.precast.artifact.EngineId;
import dev.precast.artifact.LaneId;
import dev.precast.host.service.ServiceClient;
import dev.precast.load.OfferedLane;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Selects one of the service's lanes. */
final class LaneChoice {
    private static final Comparator<String> DEFAULT_FIRST =
            Comparator.comparing((String profile) -> !profile.equals("default")).thenComparing(profile -> profile);

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            defaultValue = "chicory",
            description =
                    "Name, name@version or name@version+revision; the newest match is used. Default: ${DEFAULT-VALUE}.")
    private String engine = "chicory";

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Named config of the engine. Default: the one named default, else the first by name.")
    private @Nullable String profile;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "Target; required if the profile has several targets.")
    private @Nullable String target;

    String engine() {
        return engine;
    }

    /** The lane of the newest engine that fits. */
    OfferedLane in(ServiceClient service) throws IOException {
        List<OfferedLane> lanes = service.lanes();
        List<OfferedLane> fitting = lanes.stream().filter(this::fits).toList();
        OfferedLane newest = fitting.stream()
                .max(Comparator.comparing(LaneChoice::engineOf))
                .orElseThrow(() -> new CommandFailed(
                        Exit.NOT_FOUND,
                        "engine-not-served",
                        "engine " + engine
                                + (profile == null ? "" : " with profile " + profile)
                                + (target == null ? "" : " for target " + target) + ": no such lane (served: "
                                + lanes.stream().map(LaneChoice::line).sorted().toList() + ")"));
        List<OfferedLane> ofNewest = fitting.stream()
                .filter(lane -> engineOf(lane).equals(engineOf(newest)))
                .toList();
        String chosen =
                ofNewest.stream().map(OfferedLane::profile).min(DEFAULT_FIRST).orElseThrow();
        List<OfferedLane> same =
                ofNewest.stream().filter(lane -> lane.profile().equals(chosen)).toList();
        if (same.size() > 1) {
            throw new CommandFailed(
                    Exit.USAGE,
                    "several-lanes",
                    "lane: several match; select one with --target: "
                            + same.stream().map(LaneChoice::line).sorted().toList());
        }
        return same.getFirst();
    }

    private boolean fits(OfferedLane offer) {
        return fits(offer.lane().id()) && (profile == null || offer.profile().equals(profile));
    }

    /**
     * Whether a lane matches {@code --engine} and {@code --target}. Does not check the profile, which a lane id does
     * not contain.
     */
    boolean fits(LaneId lane) {
        return fits(engine, lane.engine().toString())
                && (target == null || target.equals(lane.target().name()));
    }

    private static EngineId engineOf(OfferedLane offer) {
        return offer.lane().engine();
    }

    private static String line(OfferedLane offer) {
        return engineOf(offer) + " " + offer.profile() + " " + offer.lane().target();
    }

    /** Whether the engine's full name matches the user's text. */
    static boolean fits(String asked, String engine) {
        return engine.equals(asked) || engine.startsWith(asked + "@") || engine.startsWith(asked + "+");
    }
}
