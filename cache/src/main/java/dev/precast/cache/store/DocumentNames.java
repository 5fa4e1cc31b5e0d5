package dev.precast.cache.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.util.Locale;
import java.util.regex.Pattern;

/** Builds and checks names of documents. Adapters use it to check their arguments. */
public final class DocumentNames {
    /** The name of the registered lanes. */
    public static final String LANES = "lanes";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9@+._-]{0,199}(/[a-z0-9][a-z0-9@+._-]{0,199})*");

    private DocumentNames() {}

    /** The name of a key's attestation. */
    public static String attestation(ArtifactKey key) {
        return "attestations/" + path(key);
    }

    static String outcome(ArtifactKey key) {
        return "outcomes/" + path(key);
    }

    static String starts(ArtifactKey key) {
        return UnfinishedStarts.FOLDER + "/" + path(key);
    }

    private static String path(ArtifactKey key) {
        LaneId lane = key.lane();
        return lane.engine().toString().toLowerCase(Locale.ROOT) + "/"
                + lane.digest().hex() + "/" + key.module().digest().hex();
    }

    /**
     * Checks a name of a document and returns it.
     *
     * @throws IllegalArgumentException if the name is invalid
     */
    public static String checked(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException("document name: expected at most 512 characters in segments of the form "
                    + "[a-z0-9][a-z0-9@+._-]{0,199}, separated by slashes, found \"" + name + "\"");
        }
        return name;
    }

    /** Whether a document may have this name. */
    public static boolean isName(String name) {
        return name.length() <= 512 && NAME.matcher(name).matches();
    }

    /**
     * Checks a folder and returns it: the first segments of names with a slash at the end, or an empty string.
     *
     * @throws IllegalArgumentException if the folder has another form
     */
    public static String checkedFolder(String folder) {
        if (!folder.isEmpty() && !folder.endsWith("/")) {
            throw new IllegalArgumentException(
                    "document folder: expected a slash at the end, found \"" + folder + "\"");
        }
        if (!folder.isEmpty()) {
            checked(folder.substring(0, folder.length() - 1));
        }
        return folder;
    }

    /**
     * Checks the size of a page and returns it.
     *
     * @throws IllegalArgumentException if {@code max} is below 1
     */
    public static int checkedPage(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("page size: expected at least 1, found " + max);
        }
        return max;
    }

    /** @throws IllegalArgumentException if the document is larger than {@link DocumentStore#MAX_BYTES} */
    public static void checkSize(String name, byte[] bytes) {
        if (bytes.length > DocumentStore.MAX_BYTES) {
            throw new IllegalArgumentException("document " + name + ": too large (expected at most "
                    + DocumentStore.MAX_BYTES + " bytes, found " + bytes.length + ")");
        }
    }
}
