package dev.precast.s3;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.ContentLinks;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Links to the objects of one prefix: presigned URLs, which are computed without a call to the store. */
final class S3Links implements ContentLinks {
    private final S3Presigner presigner;
    private final String bucket;
    private final String prefix;
    private final @Nullable URI origin;

    /**
     * @param prefix prefix of the keys of the objects
     * @param origin origin of the links in place of the store's own: {@code scheme://host:port}; null for the store's
     */
    S3Links(S3Presigner presigner, String bucket, String prefix, @Nullable URI origin) {
        this.presigner = presigner;
        this.bucket = bucket;
        this.prefix = prefix;
        this.origin = origin;
    }

    /**
     * Checks an origin.
     *
     * @throws IllegalArgumentException if it is not {@code https://host} or {@code https://host:port}; http is allowed
     *     too
     */
    static URI checked(URI origin) {
        String scheme = String.valueOf(origin.getScheme()).toLowerCase(Locale.ROOT);
        String path = origin.getRawPath();
        if (!(scheme.equals("https") || scheme.equals("http"))
                || origin.getHost() == null
                || origin.getRawUserInfo() != null
                || origin.getRawQuery() != null
                || origin.getRawFragment() != null
                || !(path == null || path.isEmpty() || path.equals("/"))) {
            throw new IllegalArgumentException(
                    "origin of links: expected http or https, a host and no path, query or user, found scheme "
                            + origin.getScheme() + ", host " + origin.getHost() + " and path \"" + path + "\"");
        }
        return URI.create(scheme + "://" + origin.getRawAuthority());
    }

    @Override
    public URI link(Digest digest, @Nullable String encoding) {
        try {
            URI signed = URI.create(presigner
                    .presignGetObject(p -> p.signatureDuration(LONGEST)
                            .getObjectRequest(r -> r.bucket(bucket)
                                    .key(prefix + digest.hex())
                                    .responseContentType("application/octet-stream")
                                    .responseContentEncoding(encoding)))
                    .url()
                    .toString());
            return origin == null ? signed : URI.create(origin + signed.getRawPath() + "?" + signed.getRawQuery());
        } catch (SdkException e) {
            throw Faults.of("signing a link to payload " + digest, e);
        }
    }
}
