package dev.precast.s3;

import dev.precast.artifact.Digest;
import dev.precast.cache.store.DocumentListing;
import dev.precast.cache.store.DocumentNames;
import dev.precast.cache.store.DocumentStore;
import dev.precast.cache.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Stores documents as objects that are written with {@code If-None-Match} and {@code If-Match}.
 *
 * <p>{@link #delete} reads the version first and then deletes with {@code If-Match}. If the store does not support that
 * condition on deletions, it also deletes a version that was written in between. Of two concurrent deletions of the
 * same version, both may return true.
 */
public final class S3DocumentStore implements DocumentStore, DocumentListing {
    private final S3Objects objects;
    private final String prefix;
    private final boolean conditionalDelete;

    /** @param conditionalDelete whether the store supports {@code If-Match} on deletions */
    S3DocumentStore(S3Objects objects, String prefix, boolean conditionalDelete) {
        this.objects = objects;
        this.prefix = prefix;
        this.conditionalDelete = conditionalDelete;
    }

    @Override
    public Optional<Document> find(String name) {
        String key = key(name);
        Optional<Document> found =
                objects.read(key, (answer, in) -> new Document(in.readNBytes(MAX_BYTES + 1), answer.eTag()));
        if (found.filter(document -> document.bytes().length > MAX_BYTES).isPresent()) {
            throw new StoreException(
                    key + ": document too large (expected at most " + MAX_BYTES + " bytes)", false, null);
        }
        return found;
    }

    @Override
    public Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
        String key = key(name);
        DocumentNames.checkSize(name, bytes);
        return objects.put(key, RequestBody.fromBytes(bytes), Digest.of(bytes), r -> {
            if (ifVersion == null) {
                r.ifNoneMatch("*");
            } else if (!ifVersion.equals(ANY)) {
                r.ifMatch(ifVersion);
            }
        });
    }

    @Override
    public boolean delete(String name, String ifVersion) {
        String key = key(name);
        return objects.find(key)
                        .filter(found -> found.version().equals(ifVersion))
                        .isPresent()
                && objects.delete(key, conditionalDelete ? ifVersion : null);
    }

    @Override
    public List<String> names(String folder, @Nullable String after, int max) {
        String within = prefix + DocumentNames.checkedFolder(folder);
        DocumentNames.checkedPage(max);
        List<String> names = new ArrayList<>();
        String last = after == null ? within : prefix + after;
        // Skip names that are not document names: other software wrote these objects.
        while (names.size() < max) {
            int wanted = max - names.size();
            List<S3Object> page = objects.list(within, last, wanted);
            for (S3Object object : page) {
                String name = object.key().substring(prefix.length());
                if (DocumentNames.isName(name)) {
                    names.add(name);
                }
            }
            if (page.size() < wanted) {
                break;
            }
            last = page.get(page.size() - 1).key();
        }
        return List.copyOf(names);
    }

    private String key(String name) {
        return prefix + DocumentNames.checked(name);
    }
}
