package dev.precast.api.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.edge.EdgeMetrics.Kind;
import dev.precast.api.edge.EdgeMetrics.Result;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import dev.precast.artifact.ModuleDigest;
import dev.precast.json.Json;
import dev.precast.protocol.KeyState;
import dev.precast.protocol.LookupRequest;
import dev.precast.protocol.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Lookups at an edge. Modules whose states are known for this list of lanes are answered from memory; one request to the
 * upstream answers all others. While the upstream is away, the kept artifacts are present.
 *
 * <p>Thread safe.
 */
public final class EdgeLookups {
    private static final int MOST_KNOWN = 100_000;
    private static final int MODULES_A_SECOND = 64;

    private final Upstream upstream;
    private final EdgeArtifacts artifacts;
    private final KeptArtifacts kept;
    private final EdgeMetrics metrics;
    private final Cache<Question, LookupRequest.Result> known;

    /** @param lanes the lanes of the lookup, since the answer depends on their order */
    private record Question(ModuleDigest module, List<LaneId> lanes) {}

    public EdgeLookups(
            Upstream upstream,
            EdgeArtifacts artifacts,
            KeptArtifacts kept,
            EdgeTimes times,
            EdgeMetrics metrics,
            Ticker ticker) {
        this.upstream = upstream;
        this.artifacts = artifacts;
        this.kept = kept;
        this.metrics = metrics;
        this.known = Caffeine.newBuilder()
                .maximumSize(MOST_KNOWN)
                .ticker(ticker)
                .expireAfter(Expiry.<Question, LookupRequest.Result>writing((question, result) ->
                        result.state() instanceof KeyState.Present ? times.artifacts() : times.others()))
                .build();
    }

    /**
     * The states of modules, in the order of the request. If the upstream is away, a module without a kept artifact is
     * absent, and so is one whose artifact is kept for none of the lanes.
     *
     * @throws ProblemException with the upstream's problem if it refuses the request, or is away and the edge knows no
     *     module of the request
     */
    public List<LookupRequest.Result> find(Asker asker, LookupRequest request) {
        List<LaneId> lanes = request.lanes();
        Map<ModuleDigest, LookupRequest.Result> found = new HashMap<>();
        List<ModuleDigest> unknown = new ArrayList<>();
        for (ModuleDigest module : request.modules()) {
            LookupRequest.Result result = known.getIfPresent(new Question(module, lanes));
            if (result == null) {
                unknown.add(module);
            } else {
                found.put(module, result);
            }
        }
        metrics.answered(Kind.STATE, Result.HIT, request.modules().size() - unknown.size());
        if (!unknown.isEmpty()) {
            LookupRequest rest = new LookupRequest(unknown.stream().distinct().toList(), lanes);
            try {
                ask(asker, rest).forEach(result -> found.put(result.module(), result));
                metrics.answered(Kind.STATE, Result.MISS, unknown.size());
            } catch (UpstreamException e) {
                addKept(rest, found, e.problem());
                metrics.answered(Kind.STATE, Result.STALE, unknown.size());
            }
        }
        return request.modules().stream()
                .map(module -> Objects.requireNonNull(found.get(module)))
                .toList();
    }

    private List<LookupRequest.Result> ask(Asker asker, LookupRequest request) throws UpstreamException {
        Duration time = Upstream.ANSWER_TIME.plusSeconds(request.modules().size() / MODULES_A_SECOND);
        Upstream.Answer answer = upstream.post(asker, Paths.LOOKUPS, request.toJson(), Map.of(), time);
        if (!answer.isOk()) {
            throw new ProblemException(answer.problem());
        }
        List<LookupRequest.Result> results;
        try {
            results = request.results(Json.parse(answer.body()).asObject("answer"));
        } catch (IllegalArgumentException e) {
            throw upstream.failed("malformed answer to a lookup: " + e.getMessage());
        }
        for (LookupRequest.Result result : results) {
            if (result.state() instanceof KeyState.Present present) {
                ArtifactKey key = request.lanes().get(result.lane()).key(result.module());
                artifacts.learn(key, present.envelope());
            }
            known.put(new Question(result.module(), request.lanes()), result);
        }
        return results;
    }

    /** @param problem why the upstream does not answer */
    private void addKept(LookupRequest request, Map<ModuleDigest, LookupRequest.Result> found, Problem problem) {
        for (ModuleDigest module : request.modules()) {
            kept(module, request.lanes()).ifPresent(result -> found.put(module, result));
        }
        if (found.isEmpty()) {
            throw new ProblemException(problem);
        }
        for (ModuleDigest module : request.modules()) {
            found.putIfAbsent(module, new LookupRequest.Result(module, 0, new KeyState.Absent(false)));
        }
    }

    private Optional<LookupRequest.Result> kept(ModuleDigest module, List<LaneId> lanes) {
        for (int lane = 0; lane < lanes.size(); lane++) {
            var artifact = kept.find(lanes.get(lane).key(module));
            if (artifact.isPresent()) {
                return Optional.of(
                        new LookupRequest.Result(module, lane, artifact.get().state()));
            }
        }
        return Optional.empty();
    }

    /** Makes the next lookup of a module ask the upstream again. */
    void doubt(ModuleDigest module) {
        known.asMap().keySet().removeIf(question -> question.module().equals(module));
    }
}
