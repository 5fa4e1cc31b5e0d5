package dev.precast.cache.warmup;

import dev.precast.artifact.Digest;
import dev.precast.artifact.ModuleDigest;
import dev.precast.cache.store.DocumentStore;
import dev.precast.json.Json;
import dev.precast.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Stored module lists, each named by a digest of its modules: documents {@code module-lists/<64 hex>}. Clients with
 * more than {@link #MAX_MODULES} modules store several lists.
 *
 * <p>Thread safe.
 */
public final class ModuleLists {
    /** Maximum number of modules in a list. */
    public static final int MAX_MODULES = 10_000;

    /** Minimum time that lists and warm-ups are kept. */
    public static final Duration KEPT = Duration.ofDays(30);

    /** Folder of the documents. */
    public static final String FOLDER = "module-lists";

    private final DocumentStore documents;
    private final InstantSource clock;

    public ModuleLists(DocumentStore documents, InstantSource clock) {
        this.documents = documents;
        this.clock = clock;
    }

    /**
     * Stores a list; renews the time of an existing one.
     *
     * @param modules at most {@link #MAX_MODULES}; duplicates are ignored
     * @return the list's digest: SHA-256 of the modules' digests as text, one per line, each line ended by LF
     * @throws IllegalArgumentException if there are more than {@link #MAX_MODULES} different modules
     */
    public Digest put(Collection<ModuleDigest> modules) {
        List<ModuleDigest> once = List.copyOf(new LinkedHashSet<>(modules));
        if (once.size() > MAX_MODULES) {
            throw new IllegalArgumentException(
                    "module list: expected at most " + MAX_MODULES + " modules, found " + once.size());
        }
        Digest name = name(once);
        JsonObject json = JsonObject.EMPTY
                .with("at", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
                .with(
                        "modules",
                        Json.ofStrings(once.stream().map(m -> m.digest().hex()).toList()));
        // Every writer of the document writes the same modules.
        documents.put(document(name), json.canonical().getBytes(StandardCharsets.UTF_8), DocumentStore.ANY);
        return name;
    }

    /** Stores any number of modules in as many lists as necessary. */
    public List<Digest> putAll(Collection<ModuleDigest> modules) {
        List<ModuleDigest> all = List.copyOf(modules);
        List<Digest> lists = new ArrayList<>();
        for (int from = 0; from < all.size(); from += MAX_MODULES) {
            lists.add(put(all.subList(from, Math.min(all.size(), from + MAX_MODULES))));
        }
        return lists;
    }

    private static Digest name(List<ModuleDigest> modules) {
        StringBuilder lines = new StringBuilder();
        modules.forEach(module -> lines.append(module).append('\n'));
        return Digest.of(lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The modules of a list, if it is stored and not damaged. */
    public Optional<List<ModuleDigest>> find(Digest list) {
        return documents
                .find(document(list))
                .flatMap(document -> document.read("module list " + list, json -> modules(list, json)));
    }

    private static List<ModuleDigest> modules(Digest list, JsonObject json) {
        List<ModuleDigest> modules = json.array("modules").stream()
                .map(module -> new ModuleDigest(new Digest(module.asString("modules"))))
                .toList();
        if (!name(modules).equals(list)) {
            throw new IllegalArgumentException("found the modules of list " + name(modules));
        }
        return modules;
    }

    /**
     * The time at which a list was last stored, from its document; the epoch if the document is damaged.
     *
     * @param name the document's name, for the log
     */
    public static Instant sentAt(String name, DocumentStore.Document document) {
        return document.read(name, json -> Instant.parse(json.string("at"))).orElse(Instant.EPOCH);
    }

    private static String document(Digest list) {
        return FOLDER + "/" + list.hex();
    }
}
