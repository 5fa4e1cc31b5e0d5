package dev.precast.test;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Attacks on the files of a disk cache that hosts have open, by another process of the same user. Attacks delete and
 * replace files; they never change a file in place.
 */
final class CacheAttacks {
    private enum Attack {
        /** As the cache itself evicts. */
        UNLINK,
        /** By the file of another artifact: valid code, but another module. */
        REPLACE_BY_ANOTHER,
        REPLACE_BY_DAMAGED,
        CUT
    }

    private final Path folder;
    private final Path prepared;
    private final Random random;

    /** @param prepared a name on the same file system, outside the cache */
    CacheAttacks(Path folder, Path prepared, Random random) {
        this.folder = folder;
        this.prepared = prepared;
        this.random = random;
    }

    /** One attack; false if another process was first. */
    boolean once() throws IOException {
        List<Path> files = files(folder.resolve(random.nextInt(4) > 0 ? "payloads" : "attestations"));
        if (files.isEmpty()) {
            return false;
        }
        Path file = files.get(random.nextInt(files.size()));
        try {
            if (Files.size(file) == 0) {
                return false; // Cut to nothing before.
            }
            switch (Attack.values()[random.nextInt(Attack.values().length)]) {
                case UNLINK -> Files.delete(file);
                case REPLACE_BY_ANOTHER -> replace(file, Files.readAllBytes(files.get(random.nextInt(files.size()))));
                case REPLACE_BY_DAMAGED -> replace(file, TamperedSource.flipped(Files.readAllBytes(file), random));
                case CUT -> {
                    byte[] bytes = Files.readAllBytes(file);
                    Files.delete(file);
                    // Not a file that a host has written meanwhile, since it may be mapped.
                    Files.write(
                            file, Arrays.copyOf(bytes, random.nextInt(bytes.length)), StandardOpenOption.CREATE_NEW);
                }
            }
            return true;
        } catch (NoSuchFileException | FileAlreadyExistsException e) {
            return false;
        }
    }

    private void replace(Path file, byte[] bytes) throws IOException {
        Files.write(prepared, bytes);
        Files.setPosixFilePermissions(prepared, PosixFilePermissions.fromString("r--------"));
        Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }
}
