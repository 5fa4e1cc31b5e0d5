package dev.precast.s3;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** Tests which conditions and checksums a store implements. Some stores accept the headers and ignore them. */
final class Conditions {
    /** An entity tag that no object has. */
    private static final String NO_VERSION = "\"" + "0".repeat(32) + "\"";

    private final S3Objects objects;
    private final String key;

    private Conditions(S3Objects objects, String key) {
        this.objects = objects;
        this.key = key;
    }

    /**
     * Tests the store with a temporary object.
     *
     * @throws StoreException if the store does not implement conditional puts; the message says what the store did
     */
    static Supported require(S3Objects objects, String prefix) {
        Conditions conditions = new Conditions(objects, prefix + UUID.randomUUID());
        conditions.requirePuts();
        boolean checksums = knows(() -> objects.findWithDigest(conditions.key)
                .flatMap(S3Objects.Meta::sha256)
                .filter(Digest.of("replaced".getBytes(StandardCharsets.UTF_8))::equals)
                .isPresent());
        boolean conditionalDelete = knows(() -> !objects.delete(conditions.key, NO_VERSION));
        objects.delete(conditions.key, null);
        return new Supported(conditionalDelete, checksums);
    }

    /**
     * What a store supports beyond conditional puts.
     *
     * @param conditionalDelete {@code If-Match} on deletions
     * @param checksums the store keeps the SHA-256 that it verified during a put and returns it later
     */
    record Supported(boolean conditionalDelete, boolean checksums) {}

    private void requirePuts() {
        String first = put("created", r -> r.ifNoneMatch("*"))
                .orElseThrow(() -> refused("did not create a new object with If-None-Match: *"));
        if (put("created again", r -> r.ifNoneMatch("*")).isPresent()) {
            throw refused("replaced an object although the request had If-None-Match: *");
        }
        if (put("replaced", r -> r.ifMatch(NO_VERSION)).isPresent()) {
            throw refused("replaced an object although If-Match named another version");
        }
        if (put("replaced", r -> r.ifMatch(first)).isEmpty()) {
            throw refused("did not replace an object although If-Match named its version");
        }
        String read = objects.read(
                        key,
                        (answer, in) -> new String(in.readAllBytes(), StandardCharsets.UTF_8) + answer.hasMetadata())
                .orElse("nothing");
        if (!read.equals("replacedtrue")) {
            throw refused("did not return the replaced object with its metadata (expected replaced and true, found "
                    + read + ")");
        }
    }

    /** The result of a trial; false if the store refuses it. */
    private static boolean knows(BooleanSupplier trial) {
        try {
            return trial.getAsBoolean();
        } catch (StoreException e) {
            if (e.retryable()) {
                throw e;
            }
            return false;
        }
    }

    private Optional<String> put(String text, Consumer<PutObjectRequest.Builder> condition) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return objects.put(key, RequestBody.fromBytes(bytes), Digest.of(bytes), condition);
    }

    private StoreException refused(String found) {
        objects.delete(key, null);
        return new StoreException(
                "S3 store: does not implement conditional puts, which Precast needs: it " + found + "; use "
                        + "another store",
                false,
                null);
    }
}
