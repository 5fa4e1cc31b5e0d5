package dev.precast.pack;

import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineId;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The folder of an engine pack.
 *
 * @param path path of the folder
 * @param files every file, by its path relative to the folder, with {@code /} between names
 */
public record PackFolder(Path path, SortedMap<String, Path> files) {
    /** The file that describes the pack. */
    public static final String DESCRIPTION = "engine.json";

    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;

    /** @throws IOException if something in the folder is neither a folder nor a regular file, or cannot be read */
    public static PackFolder of(Path folder) throws IOException {
        TreeMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    throw new IOException("pack " + folder + ": " + file + " is not a regular file");
                }
                files.put(folder.relativize(file).toString().replace('\\', '/'), file);
                return FileVisitResult.CONTINUE;
            }
        });
        return new PackFolder(folder, files);
    }

    /**
     * The digest that identifies the pack: SHA-256 of a text with the line {@code precast/pack/v1} and then, for each
     * file in the order of the paths, a line {@code <sha256 hex> <size in bytes> <path>}. LF ends each line.
     */
    public Digest digest() throws IOException {
        MessageDigest sha256 = Digest.sha256();
        sha256.update("precast/pack/v1\n".getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, Path> file : files.entrySet()) {
            long size = Files.size(file.getValue());
            try (InputStream in = Files.newInputStream(file.getValue(), LinkOption.NOFOLLOW_LINKS)) {
                String line = Digest.of(in).hex() + " " + size + " " + file.getKey() + "\n";
                sha256.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        return Digest.finish(sha256);
    }

    /**
     * Reads the description.
     *
     * @throws IOException if the pack has no description
     * @throws JsonException if the description is too large or not a JSON object
     */
    public JsonObject description() throws IOException {
        Path file = path.resolve(DESCRIPTION);
        if (!Files.exists(file)) {
            throw new IOException(file + ": not found");
        }
        if (Files.size(file) > MAX_DESCRIPTION_BYTES) {
            throw new JsonException(DESCRIPTION + ": larger than " + MAX_DESCRIPTION_BYTES + " bytes");
        }
        return Json.parse(Files.readAllBytes(file)).asObject(DESCRIPTION);
    }

    /** The engine that a description names. */
    public static EngineId engine(JsonObject description) {
        JsonObject engine = description.object("engine").only("engine", Set.of("name", "version", "revision"));
        return new EngineId(
                engine.string("name"), engine.string("version"), (int) engine.integer("revision", 1, 999_999));
    }
}
