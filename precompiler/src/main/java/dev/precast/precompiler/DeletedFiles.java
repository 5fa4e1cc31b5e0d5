package dev.precast.precompiler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files of a child that have no name any more: they take space until no process has them open or mapped. Reads
 * /proc, so finds none on systems other than Linux. Not thread safe.
 */
final class DeletedFiles {
    private static final int MOST_OPEN_FILES = 10_000;
    /** A process may be unreadable for a moment, between its start and the start of its program. */
    private static final int MOST_UNREADABLE_LOOKS = 5;

    private static final Duration BETWEEN_MAPS = Duration.ofSeconds(1);
    private static final String DELETED = " (deleted)";
    private static final long SELF = ProcessHandle.current().pid();

    private final Path folder;
    private final Map<Long, Integer> unreadable = new HashMap<>();
    private long lookedAtMaps = System.nanoTime();

    /** @param folder the child's folder, the only one in which it can create files */
    DeletedFiles(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** Finds the deleted files that these processes use. */
    Found of(List<ProcessTable.Row> living) {
        if (Libc.get().isEmpty()) {
            return new Found(0, Optional.empty());
        }
        unreadable.keySet().retainAll(living.stream().map(ProcessTable.Row::pid).toList());
        Open open = new Open();
        for (ProcessTable.Row process : living) {
            if (!open.add(process)) {
                return new Found(0, Optional.of("more than " + MOST_OPEN_FILES + " open files"));
            }
        }
        if (unreadable.values().stream().anyMatch(looks -> looks > MOST_UNREADABLE_LOOKS)) {
            return new Found(0, Optional.of("a process whose open files cannot be read"));
        }
        if (System.nanoTime() - lookedAtMaps >= BETWEEN_MAPS.toNanos()) {
            lookedAtMaps = System.nanoTime();
            if (living.stream().anyMatch(process -> mapsOther(process.pid(), open.inodes))) {
                return new Found(0, Optional.of("deleted files that are mapped but not open"));
            }
        }
        return new Found(open.bytes, Optional.empty());
    }

    /**
     * What was found.
     *
     * @param bytes size of the deleted files
     * @param refused why the child must end; empty if it may go on
     */
    record Found(long bytes, Optional<String> refused) {}

    /** The deleted files that processes have open. */
    private final class Open {
        private final Set<Long> inodes = new HashSet<>();
        private long bytes;
        private int files;

        /** Adds those of a process. Returns whether the limit on open files is kept. */
        boolean add(ProcessTable.Row process) {
            long pid = process.pid();
            try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
                for (Path descriptor : descriptors) {
                    if (++files > MOST_OPEN_FILES) {
                        return false;
                    }
                    add(descriptor);
                }
                unreadable.remove(pid);
            } catch (AccessDeniedException e) {
                // The first process may be a program of the system that prepares the child, and has no files then.
                if (process.parent() != SELF) {
                    unreadable.merge(pid, 1, Integer::sum);
                }
            } catch (IOException | DirectoryIteratorException e) {
                unreadable.remove(pid); // The process has ended.
            }
            return true;
        }

        private void add(Path descriptor) {
            try {
                if (Files.isRegularFile(descriptor)
                        && Files.getAttribute(descriptor, "unix:nlink").equals(0)
                        && isInside(descriptor)
                        && inodes.add((Long) Files.getAttribute(descriptor, "unix:ino"))) {
                    bytes += Files.size(descriptor);
                }
            } catch (IOException e) {
                // The process closed the file at this moment.
            }
        }

        private boolean isInside(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).startsWith(folder);
            } catch (IOException e) {
                return true; // The path is too long for the kernel.
            }
        }
    }

    /** Whether a process maps a deleted file of the folder that is in no list, so that its size is unknown. */
    private boolean mapsOther(long pid, Set<Long> open) {
        try {
            // Bytes that are not text stay distinct characters; the prefix is compared in the same way.
            String prefix = new String(folder.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
            return Files.readAllLines(Path.of("/proc/" + pid + "/maps"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.endsWith(DELETED))
                    .map(line -> line.split(" +", 6)) // range, rights, offset, device, inode, path
                    .anyMatch(parts -> parts[5].startsWith(prefix + "/") && !open.contains(Long.parseLong(parts[4])));
        } catch (IOException e) {
            return false; // The process has ended.
        }
    }
}
