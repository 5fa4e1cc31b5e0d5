package dev.precast.api.edge;

import dev.precast.artifact.Digest;
import dev.precast.attestation.SizedDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The names of the kept artifacts, in the order of their last use, and the space that they and running downloads take. Not
 * thread safe.
 */
final class KeptIndex {
    /** What an artifact costs besides its payload: its attestation and the entries of folders. */
    static final long COST_BYTES = 8 << 10;

    private final long budgetBytes;
    /** The forms of each artifact, the least recently used artifact first. */
    private final LinkedHashMap<String, Set<SizedDigest>> artifacts = new LinkedHashMap<>(16, 0.75f, true);
    /** Number of artifacts with a form. */
    private final Map<Digest, Integer> users = new HashMap<>();

    private long keptBytes;
    private long reservedBytes;

    KeptIndex(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    long usedBytes() {
        return keptBytes + reservedBytes;
    }

    /** Whether an artifact is kept. This is a use. */
    boolean use(String name) {
        return artifacts.get(name) != null;
    }

    /** Whether an artifact has this form. */
    boolean isUsed(Digest form) {
        return users.containsKey(form);
    }

    /** Adds an artifact, or more forms of it. */
    void add(String name, Set<SizedDigest> forms) {
        Set<SizedDigest> all = new LinkedHashSet<>(remove(name));
        all.addAll(forms);
        artifacts.put(name, all);
        keptBytes += bytes(all);
        all.forEach(form -> users.merge(form.digest(), 1, Integer::sum));
    }

    /** Removes an artifact; returns its forms. */
    Set<SizedDigest> remove(String name) {
        Set<SizedDigest> forms = artifacts.remove(name);
        if (forms == null) {
            return Set.of();
        }
        keptBytes -= bytes(forms);
        forms.forEach(form -> users.computeIfPresent(form.digest(), (digest, count) -> count == 1 ? null : count - 1));
        return forms;
    }

    private static long bytes(Set<SizedDigest> forms) {
        return COST_BYTES + forms.stream().mapToLong(SizedDigest::size).sum();
    }

    /** Whether so many bytes fit if artifacts are removed. */
    boolean canFit(long bytes) {
        return reservedBytes + bytes <= budgetBytes;
    }

    /** Whether so many bytes fit now. */
    boolean fits(long bytes) {
        return usedBytes() + bytes <= budgetBytes;
    }

    /** The least recently used artifact. */
    String oldest() {
        return artifacts.firstEntry().getKey();
    }

    /** Adds to the space of running downloads, or takes it away. */
    void reserve(long bytes) {
        reservedBytes += bytes;
    }
}
