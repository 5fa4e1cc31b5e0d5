package dev.precast.api.edge;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.precast.api.edge.EdgeMetrics.Kind;
import dev.precast.api.edge.EdgeMetrics.Result;
import dev.precast.api.json.ProblemException;
import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import dev.precast.cache.Payloads;
import dev.precast.cache.SeldomWarning;
import dev.precast.cache.damage.Checks;
import dev.precast.cache.store.Blob;
import dev.precast.cache.store.ContentStore.Put;
import dev.precast.cache.store.StoreException;
import dev.precast.cache.store.StoredArtifact;
import dev.precast.protocol.Paths;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Payloads at an edge: kept ones, and those that the upstream sends when a host asks for them. One download from the
 * upstream serves all hosts that ask meanwhile; if it takes long, they read what has come so far. What the upstream sends
 * is kept only if it has the attested size and digest.
 *
 * <p>Thread safe.
 */
public final class EdgePayloads {
    /** How long a host waits for the end of a download, before it gets the bytes as they come. */
    private static final Duration WHOLE = Duration.ofSeconds(1);
    /** How often a host then looks for the first bytes, before it gets a problem. */
    private static final int MOST_LOOKS = 8;

    private final Upstream upstream;
    private final KeptArtifacts kept;
    private final EdgeReports reports;
    private final EdgeMetrics metrics;
    private final Payloads payloads;
    private final Flights<Digest, Filled> flights = new Flights<>();
    /** Forms that are being downloaded. */
    private final Map<Digest, Blob> growing = new ConcurrentHashMap<>();

    private final SeldomWarning disk = new SeldomWarning(System.getLogger("dev.precast.edge"));

    /** @param checks checks kept payloads that were found to be damaged */
    public EdgePayloads(
            Upstream upstream,
            KeptArtifacts kept,
            EdgeReports reports,
            Checks checks,
            EdgeMetrics metrics,
            Ticker ticker) {
        this.upstream = upstream;
        this.kept = kept;
        this.reports = reports;
        this.metrics = metrics;
        this.payloads = new Payloads(kept.payloads(), checks::doubt, ticker);
    }

    /**
     * A form of a payload.
     *
     * @param zstd whether the form is the compressed one
     */
    public record Found(SizedDigest form, boolean zstd, Blob blob) {}

    private enum Filled {
        KEPT,
        /** The budget or the disk has no room, or the upstream has no payload. */
        NOT_KEPT,
        WRONG
    }

    /**
     * The payload of an artifact.
     *
     * @param zstd whether the host prefers the compressed form
     * @return empty if the upstream should answer the host itself
     * @throws ProblemException with the upstream's problem if the upstream refuses the request or is away
     */
    public Optional<Found> find(Asker asker, ArtifactKey key, StoredArtifact artifact, boolean zstd) {
        SizedDigest wanted = zstd ? artifact.compressed().orElse(artifact.payload()) : artifact.payload();
        Optional<Found> hit = kept(key, artifact, wanted);
        if (hit.isPresent()) {
            metrics.answered(Kind.PAYLOAD, Result.HIT, 1);
            return hit;
        }
        try {
            Optional<Found> found = kept.fits(wanted) ? downloaded(asker, key, artifact, wanted) : Optional.empty();
            metrics.answered(Kind.PAYLOAD, Result.MISS, 1);
            return found;
        } catch (UpstreamException e) {
            Optional<Found> other = kept(key, artifact, artifact.payload());
            metrics.answered(Kind.PAYLOAD, Result.STALE, 1);
            if (other.isEmpty()) {
                throw new ProblemException(e.problem());
            }
            return other;
        }
    }

    /** Waits for the end of the download for a moment, then for its first bytes. */
    private Optional<Found> downloaded(Asker asker, ArtifactKey key, StoredArtifact artifact, SizedDigest wanted)
            throws UpstreamException {
        Flights.Request<Filled> request = () -> fill(asker, key, artifact, wanted);
        Optional<Filled> filled = flights.join(wanted.digest(), WHOLE, request);
        Optional<Found> growing = Optional.empty();
        for (int i = 0; filled.isEmpty() && growing.isEmpty() && i < MOST_LOOKS; i++) {
            growing = growing(artifact, wanted).or(() -> growing(artifact, artifact.payload()));
            if (growing.isEmpty()) {
                filled = flights.join(wanted.digest(), WHOLE, request);
            }
        }
        if (growing.isPresent()) {
            return growing;
        }
        return switch (filled.orElseThrow(() -> new UpstreamException(Upstream.unavailable("too slow")))) {
            case KEPT -> kept(key, artifact, wanted).or(() -> kept(key, artifact, artifact.payload()));
            case NOT_KEPT, WRONG -> Optional.empty();
        };
    }

    private Optional<Found> growing(StoredArtifact artifact, SizedDigest form) {
        return Optional.ofNullable(growing.get(form.digest()))
                .map(blob -> new Found(form, !form.equals(artifact.payload()), blob));
    }

    private Optional<Found> kept(ArtifactKey key, StoredArtifact artifact, SizedDigest form) {
        return payloads.find(key, form).map(blob -> new Found(form, !form.equals(artifact.payload()), blob));
    }

    /**
     * Downloads a form of the payload. If its bytes are wrong, downloads the uncompressed form. If those are wrong too,
     * reports the damage to the upstream, and downloads once more if the upstream has repaired the payload.
     */
    private Filled fill(Asker asker, ArtifactKey key, StoredArtifact artifact, SizedDigest wanted)
            throws UpstreamException {
        if (kept(key, artifact, wanted).isPresent()) {
            return Filled.KEPT; // Another download has ended a moment ago.
        }
        Filled filled = download(asker, key, artifact, wanted, false);
        if (filled == Filled.WRONG) {
            filled = download(asker, key, artifact, artifact.payload(), true);
        }
        if (filled == Filled.WRONG
                && reports.healsUpstream(asker, key, artifact.payload().digest())) {
            filled = download(asker, key, artifact, artifact.payload(), true);
        }
        if (filled == Filled.WRONG) {
            throw new UpstreamException(Upstream.unavailable("it sent other bytes than the attested ones of " + key));
        }
        return filled;
    }

    /** @param fresh whether caches on the way must not answer */
    private Filled download(Asker asker, ArtifactKey key, StoredArtifact artifact, SizedDigest wanted, boolean fresh)
            throws UpstreamException {
        String accepted = wanted.equals(artifact.payload()) ? "identity" : "zstd";
        Map<String, String> headers = fresh
                ? Map.of("Accept-Encoding", accepted, "Cache-Control", "no-cache, no-store")
                : Map.of("Accept-Encoding", accepted);
        HttpResponse<InputStream> response = upstream.open(asker, "GET", Paths.artifact(key), headers, wanted.size());
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                return refused(response, in);
            }
            String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
            SizedDigest form = encoding.equals("zstd") ? artifact.compressed().orElse(wanted) : artifact.payload();
            return keep(key, artifact, form, in);
        } catch (IOException e) {
            throw upstream.failed("payload of " + key + ": " + e.getMessage());
        }
    }

    private static Filled refused(HttpResponse<InputStream> response, InputStream in) throws IOException {
        if (response.statusCode() == 404) {
            return Filled.NOT_KEPT;
        }
        byte[] problem = in.readNBytes(1 << 16);
        throw new ProblemException(new Upstream.Answer(response.statusCode(), response.headers(), problem).problem());
    }

    private Filled keep(ArtifactKey key, StoredArtifact artifact, SizedDigest form, InputStream in) throws IOException {
        try {
            Consumer<Blob> started = blob -> growing.put(form.digest(), blob);
            return switch (kept.keep(key, artifact, form, new Counted(in), started)) {
                case Put.Stored _ -> Filled.KEPT;
                case Put.Full _ -> Filled.NOT_KEPT;
                case Put.WrongDigest wrong -> wrong(key, form, "found " + wrong.found());
                case Put.TooLarge _ -> wrong(key, form, "found more bytes");
            };
        } catch (StoreException e) {
            disk.log("edge: cannot keep the payload of " + key + ": " + e.getMessage());
            return Filled.NOT_KEPT;
        } finally {
            growing.remove(form.digest());
        }
    }

    private Filled wrong(ArtifactKey key, SizedDigest form, String found) {
        upstream.wrong("payload of " + key + ": expected " + form.digest() + " of " + form.size() + " bytes, " + found);
        return Filled.WRONG;
    }

    /** Counts the bytes that the upstream sends. */
    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            metrics.received(b < 0 ? 0 : 1);
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = super.read(into, offset, length);
            metrics.received(Math.max(0, n));
            return n;
        }
    }
}
