package dev.precast.bench;

import com.dylibso.chicory.compiler.Cache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Implements Chicory's cache interface with a folder: one file per key. */
final class FolderCache implements Cache {
    private final Path folder;

    FolderCache(Path folder) {
        this.folder = folder;
    }

    @Override
    public byte @Nullable [] get(String key) throws IOException {
        try {
            return Files.readAllBytes(file(key));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void putIfAbsent(String key, byte[] data) throws IOException {
        Files.createDirectories(folder);
        Path part = Files.createTempFile(folder, "part", "");
        Files.write(part, data);
        Files.move(part, file(key), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The file of a key. The name is in hexadecimal, because keys contain base64 and some file systems ignore case. */
    private Path file(String key) {
        return folder.resolve(HexFormat.of().formatHex(key.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}
