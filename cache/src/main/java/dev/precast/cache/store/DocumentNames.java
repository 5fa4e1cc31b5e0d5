package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of documents, and what may be asked of their stores. Adapters check with it what they are handed. */
public final class DocumentNames {
    static final String LANES = "lanes";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9@+._-]{0,199}(/[a-z0-9][a-z0-9@+._-]{0,199})*");

    private DocumentNames() {}

    /** The name of a key's attestation. */
    public static String attestation(ArtifactKey key) {
        return "attestations/" + path(key);
    }

    static String outcome(ArtifactKey key) {
        return "outcomes/" + path(key);
    }

    private static String path(ArtifactKey key) {
        LaneId lane = key.lane();
        return lane.engine().toString().toLowerCase(Locale.ROOT) + "/"
                + lane.digest().hex() + "/" + key.module().digest().hex();
    }

    /**
     * The same name.
     *
     * @throws IllegalArgumentException if it is not a name of a document
     */
    public static String checked(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("document name: not allowed: \"" + name + "\"");
        }
        return name;
    }

    /** Whether a document may have that name. */
    public static boolean isName(String name) {
        return name.length() <= 512 && NAME.matcher(name).matches();
    }

    /**
     * The same folder: some segments of a name and a slash, or nothing.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static String checkedFolder(String folder) {
        if (!folder.isEmpty() && !folder.endsWith("/")) {
            throw new IllegalArgumentException("folder of documents: expected a slash at its end: \"" + folder + "\"");
        }
        if (!folder.isEmpty()) {
            checked(folder.substring(0, folder.length() - 1));
        }
        return folder;
    }

    /**
     * The same number.
     *
     * @throws IllegalArgumentException if a page of so many could hold nothing
     */
    public static int checkedPage(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("page: expected room for at least 1, found " + max);
        }
        return max;
    }

    /** @throws IllegalArgumentException if a document of that name may not be so large */
    public static void checkSize(String name, byte[] bytes) {
        if (bytes.length > DocumentStore.MAX_BYTES) {
            throw new IllegalArgumentException(
                    "document " + name + ": at most " + DocumentStore.MAX_BYTES + " bytes, found " + bytes.length);
        }
    }
}
