package dev.precast.cache.worker;

import dev.precast.artifact.Digest;
import dev.precast.cache.outcome.CompileTerms;
import dev.precast.cache.outcome.Limits;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A heartbeat of a worker, with the worker's limits. The lanes themselves are in the store. Older services ignore a notice
 * with a trouble, and then count the worker as stopped.
 *
 * @param worker unique name of the process: 1 to 64 letters, digits, {@code _} and {@code -}
 * @param lanes digests of the lanes that the worker serves; empty if the worker is stopping
 * @param slots number of concurrent compilations
 * @param limits limits of each compilation
 * @param caps static caps, by name
 * @param packs the digest of each lane's pack, without lanes whose pack is unknown: older versions announce no packs
 * @param trouble why the worker takes no requests now; empty if it takes requests
 */
public record WorkerNotice(
        String worker,
        Set<Digest> lanes,
        int slots,
        Limits limits,
        JsonObject caps,
        Map<Digest, Digest> packs,
        Optional<Trouble> trouble) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final String TROUBLE = "trouble";
    private static final Set<String> MEMBERS = Set.of("worker", "lanes", "slots", "limits", "caps", TROUBLE);

    /**
     * @throws IllegalArgumentException if the worker's name or the number of slots is out of range, or a pack has no lane
     */
    public WorkerNotice {
        lanes = Set.copyOf(lanes);
        packs = Map.copyOf(packs);
        if (!NAME.matcher(worker).matches()) {
            throw new IllegalArgumentException(
                    "worker: expected 1 to 64 letters, digits, _ and -, found \"" + worker + "\"");
        }
        if (slots < 0) {
            throw new IllegalArgumentException("worker " + worker + ": expected 0 slots or more, found " + slots);
        }
        if (!lanes.containsAll(packs.keySet())) {
            throw new IllegalArgumentException("worker " + worker + ": expected packs of served lanes, found others");
        }
    }

    /** A notice without packs, of a worker that takes requests. */
    public WorkerNotice(String worker, Set<Digest> lanes, int slots, Limits limits, JsonObject caps) {
        this(worker, lanes, slots, limits, caps, Map.of());
    }

    /** A notice of a worker that takes requests. */
    public WorkerNotice(
            String worker, Set<Digest> lanes, int slots, Limits limits, JsonObject caps, Map<Digest, Digest> packs) {
        this(worker, lanes, slots, limits, caps, packs, Optional.empty());
    }

    /**
     * The terms of the workers that serve a lane. Those in trouble count only if all of them are in trouble: a request
     * must not wait for a better worker that takes none.
     *
     * @param untold the pack of the lane for workers that do not announce theirs
     */
    public static List<CompileTerms> terms(Collection<WorkerNotice> workers, Digest lane, Digest untold) {
        List<WorkerNotice> serving =
                workers.stream().filter(worker -> worker.lanes.contains(lane)).toList();
        List<WorkerNotice> taking =
                serving.stream().filter(worker -> worker.trouble.isEmpty()).toList();
        List<WorkerNotice> deciding = taking.isEmpty() ? serving : taking;
        return deciding.stream()
                .map(worker -> new CompileTerms(worker.packs.getOrDefault(lane, untold), worker.limits, worker.caps))
                .toList();
    }

    /** The JSON form of everything but the packs, which older versions do not read. */
    public JsonObject toJson() {
        List<String> names = inOrder().stream().map(Digest::toString).toList();
        JsonObject json = JsonObject.EMPTY
                .with("worker", worker)
                .with("lanes", Json.ofStrings(names))
                .with("slots", slots)
                .with("limits", limits.toJson())
                .with("caps", caps);
        return trouble.isPresent() ? json.with(TROUBLE, trouble.get().toJson()) : json;
    }

    /** The JSON form of the packs: by the digest of a pack, the positions of its lanes in the member {@code lanes}. */
    public JsonObject packsToJson() {
        List<Digest> order = inOrder();
        Map<String, List<Json>> positions = new TreeMap<>();
        for (int i = 0; i < order.size(); i++) {
            Digest pack = packs.get(order.get(i));
            if (pack != null) {
                positions
                        .computeIfAbsent(pack.toString(), p -> new ArrayList<>())
                        .add(Json.of(i));
            }
        }
        JsonObject json = JsonObject.EMPTY;
        for (Map.Entry<String, List<Json>> pack : positions.entrySet()) {
            json = json.with(pack.getKey(), Json.of(pack.getValue()));
        }
        return json;
    }

    /**
     * A copy with packs in the JSON form.
     *
     * @throws IllegalArgumentException if the JSON has another form, or names a position that does not exist
     */
    public WorkerNotice withPacks(JsonObject json) {
        List<Digest> order = inOrder();
        Map<Digest, Digest> read = new HashMap<>();
        for (String name : json.members().keySet()) {
            Digest pack = Digest.parse(name);
            for (Json position : json.array(name)) {
                if (!(position instanceof Json.Int(long at)) || at < 0 || at >= order.size()) {
                    throw new IllegalArgumentException("pack " + name + ": expected positions from 0 to "
                            + (order.size() - 1) + ", found " + position.canonical());
                }
                read.put(order.get((int) at), pack);
            }
        }
        return new WorkerNotice(worker, lanes, slots, limits, caps, read, trouble);
    }

    private List<Digest> inOrder() {
        return lanes.stream().sorted().toList();
    }

    /**
     * Reads the JSON form, which has no packs.
     *
     * @throws IllegalArgumentException if a member is missing, unknown or has the wrong form
     */
    public static WorkerNotice fromJson(JsonObject json) {
        json.only("notice", MEMBERS);
        Set<Digest> lanes = new LinkedHashSet<>();
        for (Json lane : json.array("lanes")) {
            lanes.add(Digest.parse(lane.asString("lane")));
        }
        return new WorkerNotice(
                json.string("worker"),
                lanes,
                (int) json.integer("slots", 0, 1_000_000),
                Limits.fromJson(json.object("limits")),
                json.object("caps"),
                Map.of(),
                json.find(TROUBLE).map(found -> Trouble.fromJson(found.asObject(TROUBLE))));
    }
}
