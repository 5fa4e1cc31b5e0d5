package dev.precast.api.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.edge.EdgeMetrics.Kind;
import dev.precast.api.edge.EdgeMetrics.Result;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.ArtifactKey;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.Paths;
import dev.precast.protocol.ProblemCode;
import java.util.Optional;

/**
 * The artifacts that exist, as the upstream said a short time ago. While the upstream is away, the kept artifacts exist.
 *
 * <p>Thread safe.
 */
public final class EdgeArtifacts {
    private static final int MOST_KNOWN = 100_000;

    private final Upstream upstream;
    private final KeptArtifacts kept;
    private final EdgeMetrics metrics;
    private final Flights<ArtifactKey, Optional<StoredArtifact>> flights = new Flights<>();
    private final Cache<ArtifactKey, Optional<StoredArtifact>> known;

    public EdgeArtifacts(Upstream upstream, KeptArtifacts kept, EdgeTimes times, EdgeMetrics metrics, Ticker ticker) {
        this.upstream = upstream;
        this.kept = kept;
        this.metrics = metrics;
        this.known = Caffeine.newBuilder()
                .maximumSize(MOST_KNOWN)
                .ticker(ticker)
                .expireAfter(Expiry.<ArtifactKey, Optional<StoredArtifact>>writing(
                        (key, found) -> found.isPresent() ? times.artifacts() : times.others()))
                .build();
    }

    /**
     * The artifact of a key, if it exists.
     *
     * @throws ProblemException with the upstream's problem if it refuses the request, or is away and nothing is kept
     */
    public Optional<StoredArtifact> find(Asker asker, ArtifactKey key) {
        Optional<StoredArtifact> found = known.getIfPresent(key);
        if (found != null) {
            metrics.answered(Kind.ATTESTATION, Result.HIT, 1);
            return found;
        }
        try {
            return flights.answer(key, Upstream.PATIENCE, () -> ask(asker, key));
        } catch (UpstreamException e) {
            Optional<StoredArtifact> old = kept.find(key);
            if (old.isEmpty()) {
                throw new ProblemException(e.problem());
            }
            metrics.answered(Kind.ATTESTATION, Result.STALE, 1);
            return old;
        }
    }

    private Optional<StoredArtifact> ask(Asker asker, ArtifactKey key) throws UpstreamException {
        Upstream.Answer answer = upstream.get(asker, Paths.artifact(key) + "/attestation");
        if (!answer.isOk() && answer.problem().code() != ProblemCode.ARTIFACT_UNKNOWN) {
            throw new ProblemException(answer.problem());
        }
        metrics.answered(Kind.ATTESTATION, Result.MISS, 1);
        if (answer.isOk()) {
            return learn(key, answer.body());
        }
        forget(key);
        return Optional.empty();
    }

    /**
     * Records that the upstream has an artifact. The artifact is kept on disk when its payload is.
     *
     * @param envelope the attestation; ignored if it is malformed or another key's
     */
    Optional<StoredArtifact> learn(ArtifactKey key, byte[] envelope) {
        Optional<StoredArtifact> artifact = KeptArtifacts.artifact(key, envelope);
        if (artifact.isPresent()) {
            known.put(key, artifact);
            boolean replaced = kept.find(key)
                    .filter(old -> !old.payload().equals(artifact.get().payload()))
                    .isPresent();
            if (replaced) {
                kept.drop(key);
            }
        } else {
            upstream.wrong("malformed attestation of " + key);
        }
        return artifact;
    }

    /** Records that the upstream has no artifact of this key. */
    void forget(ArtifactKey key) {
        known.put(key, Optional.empty());
        kept.drop(key);
    }

    /** Makes the next request ask the upstream again. */
    void doubt(ArtifactKey key) {
        known.invalidate(key);
    }
}
