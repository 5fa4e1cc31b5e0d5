package dev.precast.host.service;

import dev.precast.protocol.Loopback;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Downloads from the stores to which a service redirects. Sends no authorization, no cookies and no client certificate,
 * and follows no further redirect. After a failure, the service is not asked for redirects for a while. Thread safe.
 */
final class StoreCalls {
    private final List<String> origins;
    private final ServiceCalls.Times times;
    private final BackOff backOff = new BackOff(true);
    private @Nullable HttpClient client;

    /** @param origins the origins of the stores, see {@link #checked} */
    StoreCalls(List<String> origins, ServiceCalls.Times times) {
        this.origins = List.copyOf(origins);
        this.times = times;
    }

    /**
     * The origin of a store, which must be https unless it is on this machine.
     *
     * @throws IllegalArgumentException if the address has no origin, or another scheme
     */
    static String checked(URI store) {
        String origin = ServiceCalls.origin(store);
        if (!Loopback.isHost(store.getHost()) && !origin.startsWith("https:")) {
            throw new IllegalArgumentException("redirects: expected an https address, found " + origin);
        }
        return origin;
    }

    /** Whether the service should be asked for redirects: there are stores, and none has failed a short time ago. */
    boolean isAvailable() {
        return !origins.isEmpty() && backOff.pause().isZero();
    }

    /**
     * Follows a redirect.
     *
     * @param location header {@code Location} of the redirect; messages do not contain its query, which is a secret
     * @return an answer with status 200
     * @throws ServiceException if the redirect leads elsewhere, or the store does not have the payload or fails
     */
    HttpResponse<InputStream> get(String location, String acceptEncoding, ServiceCalls.Limits limits)
            throws ServiceException {
        URI target = target(location);
        String origin = ServiceCalls.origin(target);
        HttpRequest request = limits.bound(HttpRequest.newBuilder(target).header("Accept-Encoding", acceptEncoding));
        HttpResponse<InputStream> response;
        try {
            response = client().send(
                            request,
                            info -> new BodyStream(
                                    origin,
                                    limits.maxBytes(),
                                    times.body(),
                                    limits.whole(),
                                    ending -> backOff.ended(
                                            ending == BodyStream.Ending.WHOLE && isFine(info.statusCode()))));
        } catch (IOException e) {
            backOff.ended(false);
            throw new ServiceException.NoAnswer(origin + ": " + ServiceCalls.reason(e), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServiceException.NoAnswer(origin + ": interrupted", e);
        }
        if (response.statusCode() != 200) {
            close(response);
            throw new ServiceException.NoAnswer(origin + ": status " + response.statusCode() + " (expected 200)", null);
        }
        return response;
    }

    /** One payload may be missing while others are there. */
    private static boolean isFine(int status) {
        return status == 200 || status == 404;
    }

    private static void close(HttpResponse<InputStream> response) {
        try {
            response.body().close();
        } catch (IOException e) {
            // The connection is given up in any case.
        }
    }

    private URI target(String location) throws ServiceException.BadAnswer {
        try {
            URI target = URI.create(location);
            if (target.getRawUserInfo() == null && origins.contains(ServiceCalls.origin(target))) {
                return target;
            }
        } catch (IllegalArgumentException e) {
            // Handled below; the exception's message contains the whole location.
        }
        backOff.ended(false);
        throw new ServiceException.BadAnswer(
                "redirect refused (expected one of the origins " + origins + ", found "
                        + location.replaceFirst("(?s)[?#].*", "") + ")",
                null);
    }

    private synchronized HttpClient client() throws IOException {
        if (client == null) {
            client = ServiceCalls.clientBuilder(times)
                    .sslContext(withoutCertificate())
                    .build();
        }
        return client;
    }

    /** The JVM's trusted authorities, but no key of this JVM. */
    private static SSLContext withoutCertificate() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[0], null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }
}
