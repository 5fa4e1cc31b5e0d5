package dev.precast.host.service;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.protocol.Paths;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/**
 * Downloads payloads: from a store to which the service redirects, if the host allows it and the store answers, otherwise
 * from the service. Thread safe.
 */
final class Downloads {
    /** Window of a zstd frame, as a power of two: 16 MiB. */
    private static final int MAX_ZSTD_WINDOW = 24;

    private final ServiceCalls service;
    private final StoreCalls stores;

    Downloads(ServiceCalls service, StoreCalls stores) {
        this.service = service;
        this.stores = stores;
    }

    /**
     * What to download.
     *
     * @param encoding the accepted encoding
     * @param fresh whether caches on the way must not answer by themselves
     * @param most maximum size in bytes of what is sent
     */
    private record Wanted(Attestation attestation, String encoding, boolean fresh, long most) {}

    /** The payload in the smallest form. */
    InputStream open(Attestation attestation) throws IOException {
        long raw = attestation.payload().size();
        long most =
                Math.max(raw, attestation.compressed().map(SizedDigest::size).orElse(0L));
        String encoding = attestation.compressed().isPresent() ? "zstd" : "identity";
        Wanted wanted = new Wanted(attestation, encoding, false, most);
        return stores.isAvailable()
                ? FallbackStream.of(
                        List.of(() -> redirected(wanted), () -> direct(wanted)),
                        e -> e instanceof ServiceException.NoAnswer || e instanceof ServiceException.BadAnswer)
                : direct(wanted);
    }

    /** The payload from the service itself, in the uncompressed form. */
    InputStream openPlain(Attestation attestation) throws IOException {
        return direct(
                new Wanted(attestation, "identity", true, attestation.payload().size()));
    }

    private InputStream direct(Wanted wanted) throws IOException {
        return body(wanted, service.send(request(wanted), service.limits(wanted.most())));
    }

    private InputStream redirected(Wanted wanted) throws IOException {
        ServiceCalls.Limits limits = service.limits(wanted.most());
        HttpResponse<InputStream> response = service.send(request(wanted).header("Prefer", "redirect"), limits);
        if (response.statusCode() / 100 != 3) {
            return body(wanted, response);
        }
        response.body().close();
        String location = response.headers().firstValue("Location").orElse("");
        return decoded(stores.get(location, wanted.encoding(), limits));
    }

    private HttpRequest.Builder request(Wanted wanted) throws IOException {
        HttpRequest.Builder request = service.request(
                        Paths.artifact(wanted.attestation().key()))
                .header("Accept-Encoding", wanted.encoding())
                .GET();
        return wanted.fresh() ? request.header("Cache-Control", "no-cache, no-store") : request;
    }

    private InputStream body(Wanted wanted, HttpResponse<InputStream> response) throws IOException {
        if (response.statusCode() == 404) {
            response.body().close();
            throw new FileNotFoundException(
                    service + ": no payload for " + wanted.attestation().key());
        }
        if (response.statusCode() / 100 == 3) {
            response.body().close();
            throw new ServiceException.BadAnswer(
                    service + ": redirect refused (expected a payload, found status " + response.statusCode() + ")",
                    null);
        }
        if (response.statusCode() != 200) {
            throw DocumentCalls.problem(response);
        }
        return decoded(response);
    }

    private InputStream decoded(HttpResponse<InputStream> response) throws IOException {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        return switch (encoding) {
            case "identity" -> response.body();
            case "zstd" -> decoded(response.body());
            default -> {
                response.body().close();
                throw new ServiceException.BadAnswer(
                        service + ": payload in an encoding that was not requested: " + encoding, null);
            }
        };
    }

    private InputStream decoded(InputStream zstd) throws IOException {
        return new FilterInputStream(new ZstdInputStreamNoFinalizer(zstd).setLongMax(MAX_ZSTD_WINDOW)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                try {
                    return super.read(into, offset, length);
                } catch (ZstdIOException e) {
                    throw new ServiceException.BadAnswer(service + ": payload is not valid zstd: " + e.getMessage(), e);
                }
            }
        };
    }
}
