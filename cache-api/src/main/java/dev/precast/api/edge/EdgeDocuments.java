package dev.precast.api.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.edge.EdgeMetrics.Kind;
import dev.precast.api.edge.EdgeMetrics.Result;
import dev.precast.api.json.Problem;
import dev.precast.api.json.ProblemException;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.protocol.Paths;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Documents of the upstream that every host reads, as a host got them a short time ago. While the upstream is away, the
 * last copies, which the disk keeps over a restart. Hosts verify the trust policy and its proof, and refuse what is too
 * old.
 *
 * <p>Thread safe.
 */
public final class EdgeDocuments {
    private static final System.Logger LOG = System.getLogger("dev.precast.edge");

    /** A document of the upstream. */
    public enum Name {
        TRUST(Paths.TRUST, "application/vnd.dsse.envelope.v1+json"),
        TRUST_CURRENT(Paths.TRUST_CURRENT, "application/json"),
        ENGINES(Paths.ENGINES, "application/json");

        private final String path;
        private final String type;

        Name(String path, String type) {
            this.path = path;
            this.type = type;
        }

        /** The media type of the document. */
        public String type() {
            return type;
        }

        private String file() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What the upstream answered. */
    private sealed interface Copy {
        @SuppressWarnings("ArrayRecordComponent")
        record Document(byte[] bytes) implements Copy {}

        /** The document does not exist. */
        record Missing(Problem problem) implements Copy {}
    }

    private final Upstream upstream;
    private final DocumentStore copies;
    private final EdgeMetrics metrics;
    private final Flights<Name, Copy> flights = new Flights<>();
    private final Cache<Name, Copy> fresh;

    /** @param copies keeps the last documents */
    public EdgeDocuments(Upstream upstream, DocumentStore copies, EdgeTimes times, EdgeMetrics metrics, Ticker ticker) {
        this.upstream = upstream;
        this.copies = copies;
        this.metrics = metrics;
        this.fresh = Caffeine.newBuilder()
                .ticker(ticker)
                .expireAfter(Expiry.<Name, Copy>writing(
                        (name, copy) -> copy instanceof Copy.Document ? times.documents() : times.others()))
                .build();
    }

    /**
     * The document's bytes.
     *
     * @throws ProblemException if the document does not exist, the upstream refuses the request, or it is away and there
     *     is no copy
     */
    public byte[] get(Asker asker, Name name) {
        Copy copy = fresh.getIfPresent(name);
        if (copy != null) {
            metrics.answered(Kind.DOCUMENT, Result.HIT, 1);
        } else {
            copy = copy(asker, name);
        }
        return switch (copy) {
            case Copy.Document document -> document.bytes();
            case Copy.Missing missing -> throw new ProblemException(missing.problem());
        };
    }

    private Copy copy(Asker asker, Name name) {
        try {
            return flights.answer(name, Upstream.PATIENCE, () -> ask(asker, name));
        } catch (UpstreamException e) {
            byte[] old = copies.find(name.file())
                    .map(DocumentStore.Document::bytes)
                    .orElseThrow(() -> new ProblemException(e.problem()));
            metrics.answered(Kind.DOCUMENT, Result.STALE, 1);
            return new Copy.Document(old);
        }
    }

    private Copy ask(Asker asker, Name name) throws UpstreamException {
        Upstream.Answer answer = upstream.get(asker, name.path);
        if (answer.status() != 200 && answer.status() != 404) {
            throw new ProblemException(answer.problem());
        }
        metrics.answered(Kind.DOCUMENT, Result.MISS, 1);
        Copy copy = answer.isOk() ? document(name, answer) : new Copy.Missing(answer.problem());
        fresh.put(name, copy);
        return copy;
    }

    private Copy document(Name name, Upstream.Answer answer) throws UpstreamException {
        try {
            Json.parse(answer.body()).asObject("document");
        } catch (JsonException e) {
            throw upstream.failed("malformed answer to GET " + name.path + ": " + e.getMessage());
        }
        keep(name, answer.body());
        return new Copy.Document(answer.body());
    }

    /** The document is answered even if the disk fails. */
    private void keep(Name name, byte[] document) {
        try {
            Optional<DocumentStore.Document> old = copies.find(name.file());
            if (old.isEmpty() || !Arrays.equals(old.get().bytes(), document)) {
                copies.put(name.file(), document, DocumentStore.ANY);
            }
        } catch (StoreException | IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "edge: cannot keep {0}: {1}", name.path, e.getMessage());
        }
    }
}
