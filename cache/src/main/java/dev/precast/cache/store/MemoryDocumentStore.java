package dev.precast.cache.store;

import dev.precast.artifact.Digest;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Documents in memory: the reference implementation. */
public final class MemoryDocumentStore implements DocumentStore, DocumentListing {
    private final NavigableMap<String, Document> documents = new TreeMap<>();

    @Override
    public synchronized Optional<Document> find(String name) {
        return Optional.ofNullable(documents.get(DocumentNames.checked(name)));
    }

    @Override
    public synchronized Optional<String> put(String name, byte[] bytes, @Nullable String ifVersion) {
        DocumentNames.checkSize(name, bytes);
        Document now = documents.get(DocumentNames.checked(name));
        if (!ANY.equals(ifVersion)
                && (now == null ? ifVersion != null : !now.version().equals(ifVersion))) {
            return Optional.empty();
        }
        Document fresh = new Document(bytes.clone(), Digest.of(bytes).hex());
        documents.put(name, fresh);
        return Optional.of(fresh.version());
    }

    @Override
    public synchronized boolean delete(String name, String ifVersion) {
        Document now = documents.get(DocumentNames.checked(name));
        if (now == null || !now.version().equals(ifVersion)) {
            return false;
        }
        documents.remove(name);
        return true;
    }

    @Override
    public synchronized List<String> names(String folder, @Nullable String after, int max) {
        DocumentNames.checkedFolder(folder);
        return documents.tailMap(folder).keySet().stream()
                .takeWhile(name -> name.startsWith(folder))
                .filter(name -> after == null || name.compareTo(after) > 0)
                .limit(DocumentNames.checkedPage(max))
                .toList();
    }
}
