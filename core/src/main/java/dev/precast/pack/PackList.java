package dev.precast.pack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The list of the packs in a folder. If {@code precast.packs.allowed} contains {@code bundled}, a worker runs the packs
 * on this list.
 */
public final class PackList {
    /**
     * Name of the list's file. Its lines are {@code <64 hex digits of the digest>  <folder>}, as sha256sum writes them.
     */
    public static final String FILE = "packs.sha256";

    private PackList() {}

    /** Writes the list of each folder. The build of a pack runs this after it has made the pack. */
    public static void main(String[] folders) throws IOException {
        for (String folder : folders) {
            write(Path.of(folder));
        }
    }

    /**
     * Writes the list of all packs in a folder; replaces an older list. Several builds may call this at the same time,
     * because a file lock serializes them.
     *
     * @param folder contains one subfolder for each pack; a subfolder without a description is skipped
     * @throws IOException if a pack cannot be read or the list cannot be written
     */
    public static synchronized void write(Path folder) throws IOException {
        Path lock = folder.resolveSibling(folder.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            StringBuilder list = new StringBuilder();
            for (Path pack : folders(folder)) {
                if (Files.exists(pack.resolve(PackFolder.DESCRIPTION))) {
                    try {
                        String digest = PackFolder.of(pack).digest().hex();
                        list.append(digest)
                                .append("  ")
                                .append(pack.getFileName())
                                .append('\n');
                    } catch (NoSuchFileException e) {
                        // Another build is replacing this pack's files, and lists the pack afterwards.
                    }
                }
            }
            Path part = Files.writeString(folder.resolve(FILE + ".part"), list);
            Files.move(part, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The subfolders of a folder, sorted by name. */
    public static List<Path> folders(Path folder) throws IOException {
        List<Path> folders = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, Files::isDirectory)) {
            found.forEach(folders::add);
        }
        folders.sort(Comparator.naturalOrder());
        return folders;
    }
}
