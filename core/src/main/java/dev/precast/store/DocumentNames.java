package dev.precast.store;

import dev.precast.artifact.ArtifactKey;
import dev.precast.artifact.LaneId;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names of documents, and what a name may be. */
final class DocumentNames {
    static final String LANES = "lanes";

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9@+._-]{0,199}(/[a-z0-9][a-z0-9@+._-]{0,199})*");

    private DocumentNames() {}

    static String attestation(ArtifactKey key) {
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

    static String checked(String name) {
        if (name.length() > 512 || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("document name: not allowed: \"" + name + "\"");
        }
        return name;
    }

    static void checkSize(String name, byte[] bytes) {
        if (bytes.length > DocumentStore.MAX_BYTES) {
            throw new IllegalArgumentException(
                    "document " + name + ": at most " + DocumentStore.MAX_BYTES + " bytes, found " + bytes.length);
        }
    }
}
