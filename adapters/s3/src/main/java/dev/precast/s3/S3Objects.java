package dev.precast.s3;

import dev.precast.artifact.Digest;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Reads and writes the objects of one bucket. An object's version is its entity tag, with the quotes.
 *
 * <p>Thread safe. All methods throw {@link dev.precast.cache.store.StoreException} if the store fails.
 */
final class S3Objects {
    /** Metadata whose value is unique for each put. A put that is retried recognises its own object by this value. */
    static final String WRITER = "precast-writer";

    private static final int CONDITION_FAILED = 412;
    private static final int LARGEST_PAGE = 1000;
    private static final int SHA256_BYTES = 32;

    private final S3Client client;
    private final S3Calls calls;
    private final String bucket;

    S3Objects(S3Client client, S3Calls calls, String bucket) {
        this.client = client;
        this.calls = calls;
        this.bucket = bucket;
    }

    /**
     * Version, size in bytes and time of an object.
     *
     * @param sha256 the digest that the store computed when the object was written; empty if it was not asked for, or
     *     the store has none
     */
    record Meta(String version, long size, Instant putAt, Optional<Digest> sha256) {
        private static Meta of(HeadObjectResponse found) {
            return new Meta(found.eTag(), found.contentLength(), found.lastModified(), digest(found));
        }

        /** Empty for an object that was uploaded in parts: its checksum is not the digest of its bytes. */
        private static Optional<Digest> digest(HeadObjectResponse found) {
            String sha256 = found.checksumSHA256();
            if (sha256 == null || found.checksumType() == ChecksumType.COMPOSITE) {
                return Optional.empty();
            }
            try {
                byte[] raw = Base64.getDecoder().decode(sha256);
                return raw.length == SHA256_BYTES ? Optional.of(Digest.ofRaw(raw)) : Optional.empty();
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // Composite checksums end with a hyphen and the number of parts.
            }
        }
    }

    Optional<Meta> find(String key) {
        return find(key, r -> {});
    }

    /** Like {@link #find}, with the digest that the store computed. */
    Optional<Meta> findWithDigest(String key) {
        return find(key, r -> r.checksumMode(ChecksumMode.ENABLED));
    }

    private Optional<Meta> find(String key, Consumer<HeadObjectRequest.Builder> mode) {
        return calls.run(named("looking for", key), 0, attempt -> head(key, attempt, mode))
                .map(Meta::of);
    }

    private Optional<HeadObjectResponse> head(
            String key, S3Calls.Attempt attempt, Consumer<HeadObjectRequest.Builder> mode) {
        try {
            return Optional.of(client.headObject(r -> {
                r.bucket(bucket).key(key).overrideConfiguration(attempt.limits());
                mode.accept(r);
            }));
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads a small object with {@code reader}. Retries after an interrupted transfer, so {@code reader} may be called
     * several times.
     */
    <T> Optional<T> read(String key, ResponseTransformer<GetObjectResponse, T> reader) {
        return read(key, 0, reader);
    }

    private <T> Optional<T> read(String key, long from, ResponseTransformer<GetObjectResponse, T> reader) {
        return calls.run(named("reading", key), 0, attempt -> {
            try {
                return Optional.of(client.getObject(
                        r -> r.bucket(bucket)
                                .key(key)
                                .range(from == 0 ? null : "bytes=" + from + "-")
                                .overrideConfiguration(attempt.limits()),
                        reader));
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    /** Opens an object, from an offset on, as a stream, which the caller closes. */
    Optional<InputStream> open(String key, long from) {
        return read(key, from, ResponseTransformer.toInputStream()).map(ObjectStream::new);
    }

    /**
     * Writes an object atomically.
     *
     * @param body may be sent several times
     * @param digest digest of the body; the store verifies it
     * @param condition adds {@code If-Match} or {@code If-None-Match}, or nothing
     * @return the new version, or empty if the condition did not hold and nothing was written
     */
    Optional<String> put(String key, RequestBody body, Digest digest, Consumer<PutObjectRequest.Builder> condition) {
        String writer = UUID.randomUUID().toString();
        String sha256 = Base64.getEncoder().encodeToString(digest.raw());
        long size = body.optionalContentLength().orElse(0L);
        return calls.run(named("writing", key), size, attempt -> {
            try {
                return Optional.of(client.putObject(
                                r -> {
                                    r.bucket(bucket)
                                            .key(key)
                                            .checksumSHA256(sha256)
                                            .metadata(Map.of(WRITER, writer))
                                            .overrideConfiguration(attempt.limits());
                                    condition.accept(r);
                                },
                                body)
                        .eTag());
            } catch (S3Exception e) {
                if (e.statusCode() != CONDITION_FAILED && !(e instanceof NoSuchKeyException)) {
                    throw e;
                }
                // An earlier attempt may have written the object although its answer was lost.
                return attempt.first()
                        ? Optional.empty()
                        : head(key, attempt, r -> {})
                                .filter(found -> writer.equals(found.metadata().get(WRITER)))
                                .map(HeadObjectResponse::eTag);
            }
        });
    }

    /**
     * Removes an object, if there is one.
     *
     * @param ifVersion removes only this version; null removes any version. Stores that ignore the condition remove any
     *     version
     * @return false if the object has another version, or the store reports that it does not exist
     */
    boolean delete(String key, @Nullable String ifVersion) {
        return calls.run(named("deleting", key), 0, attempt -> {
            try {
                client.deleteObject(r -> {
                    r.bucket(bucket).key(key).overrideConfiguration(attempt.limits());
                    if (ifVersion != null) {
                        r.ifMatch(ifVersion);
                    }
                });
                return true;
            } catch (NoSuchKeyException e) {
                return !attempt.first();
            } catch (S3Exception e) {
                if (e.statusCode() != CONDITION_FAILED) {
                    throw e;
                }
                return false;
            }
        });
    }

    /** Lists up to {@code max} objects whose keys begin with {@code prefix} and come after {@code after}, in order. */
    List<S3Object> list(String prefix, String after, int max) {
        List<S3Object> found = new ArrayList<>();
        String last = after;
        boolean more = true;
        while (more && found.size() < max) {
            String from = last;
            int page = Math.min(LARGEST_PAGE, max - found.size());
            ListObjectsV2Response answer = calls.run(
                    named("listing", prefix),
                    0,
                    attempt -> client.listObjectsV2(r -> r.bucket(bucket)
                            .prefix(prefix)
                            .startAfter(from)
                            .maxKeys(page)
                            .overrideConfiguration(attempt.limits())));
            found.addAll(answer.contents());
            more = Boolean.TRUE.equals(answer.isTruncated())
                    && !answer.contents().isEmpty();
            last = found.isEmpty() ? last : found.get(found.size() - 1).key();
        }
        return found;
    }

    private String named(String doing, String key) {
        return doing + " " + bucket + "/" + key;
    }
}
