package dev.precast.cache;

import dev.precast.artifact.FileErrors;
import dev.precast.cache.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file with the highest version seen of a signed document, as decimal digits, so that neither a restart nor a writer
 * of the store can bring back an older one. Callers synchronize.
 *
 * @param file the file; absent until a version was seen
 * @param what names the document in errors
 */
record VersionFile(Path file, String what) {
    /** The highest version seen; 0 if there is none. */
    long highest() {
        try {
            return Long.parseLong(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw unreadable(FileErrors.text(e), e);
        } catch (NumberFormatException e) {
            throw unreadable(String.valueOf(e.getMessage()), e);
        }
    }

    private StoreException unreadable(String why, Exception e) {
        return new StoreException(file + ": cannot read the version of the " + what + ": " + why, false, e);
    }

    /** Stores a version if it is above the highest. */
    void saw(long version) {
        if (version <= highest()) {
            return;
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            Files.write(fresh, Long.toString(version).getBytes(StandardCharsets.US_ASCII));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StoreException("writing " + file + ": " + FileErrors.text(e), true, e);
        }
    }
}
