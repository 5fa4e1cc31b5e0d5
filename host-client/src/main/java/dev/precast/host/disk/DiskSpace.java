package dev.precast.host.disk;

import dev.precast.host.PrecastEvent;
import dev.precast.host.PrecastListener;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Limits the size of a disk cache across all processes that use it. Thread safe. */
final class DiskSpace {
    /** Bytes that count for each payload in addition to its size, for its file in {@code used/} and for folders. */
    private static final int OVERHEAD = 512;

    private static final Duration LOCK_WAIT = Duration.ofSeconds(10);
    private static final Duration LEFT_OVER = Duration.ofMinutes(10);

    /**
     * Excludes other threads, because a file lock belongs to the whole process, which loses the lock when it closes any
     * descriptor of the file.
     */
    private static final ReentrantLock IN_THIS_JVM = new ReentrantLock();

    private static final AtomicLong NAMES = new AtomicLong();

    private final Path folder;
    private final Path payloads;
    private final Path attestations;
    private final Path used;
    private final Path temporaries;
    private final long maxBytes;
    private final InstantSource clock;
    private final PrecastListener listener;

    DiskSpace(OwnedFiles files, Path folder, long maxBytes, InstantSource clock, PrecastListener listener)
            throws IOException {
        this.folder = folder;
        this.payloads = files.folder("payloads");
        this.attestations = files.folder("attestations");
        this.used = files.folder("used");
        this.temporaries = files.folder("tmp");
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.listener = listener;
    }

    /**
     * Creates a temporary file of {@code bytes} zeros. Evicts other files if necessary.
     *
     * @throws DiskTroubleException if there is not enough space
     */
    Temporary reserve(long bytes) throws IOException {
        return locked(() -> {
            long room = makeRoom(bytes + OVERHEAD);
            if (room < bytes + OVERHEAD) {
                throw new DiskTroubleException("disk cache " + folder + ": not enough space (expected "
                        + (bytes + OVERHEAD) + " free bytes, found " + room + "; size limit: " + maxBytes + " bytes)");
            }
            Path name = temporaries.resolve(
                    ProcessHandle.current().pid() + "-" + NAMES.incrementAndGet() + "-" + System.nanoTime());
            RandomAccessFile file = OwnedFiles.create(name);
            try {
                file.setLength(bytes);
                return new Temporary(name, file);
            } catch (IOException e) {
                file.close();
                Files.deleteIfExists(name);
                throw e;
            }
        });
    }

    /**
     * Evicts the least recently used files until there is enough space. Returns the available space. The caller must
     * hold the lock.
     */
    private long makeRoom(long wanted) throws IOException {
        List<Item> items = new ArrayList<>();
        long inUse = collect(temporaries, items) + collect(attestations, items) + collect(payloads, items);
        if (inUse + wanted <= maxBytes) {
            return maxBytes - inUse;
        }
        items.sort(Comparator.comparing(Item::lastUse));
        int files = 0;
        long freed = 0;
        for (Item item : items) {
            if (inUse - freed + wanted <= maxBytes || wanted > maxBytes) {
                break;
            }
            if (Files.deleteIfExists(item.file)) {
                files++;
            }
            if (item.usedFile != null) {
                Files.deleteIfExists(item.usedFile);
            }
            freed += item.bytes;
        }
        if (files > 0) {
            removeOrphanedMarks();
            listener.on(new PrecastEvent.Evicted(files, freed));
        }
        return maxBytes - inUse + freed;
    }

    /**
     * Removes files in {@code used/} whose payload does not exist. They remain if a payload is evicted while another
     * process records its use.
     */
    private void removeOrphanedMarks() throws IOException {
        Instant leftOver = clock.instant().minus(LEFT_OVER);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(used)) {
            for (Path mark : found) {
                Path payload = payloads.resolve(String.valueOf(mark.getFileName()));
                if (!Files.exists(payload) && lastUse(mark, Instant.MAX).isBefore(leftOver)) {
                    Files.deleteIfExists(mark);
                }
            }
        }
    }

    /** Adds to {@code items} the files that may be removed; returns the size of all files. */
    private long collect(Path from, List<Item> items) throws IOException {
        long bytes = 0;
        Instant leftOver = clock.instant().minus(LEFT_OVER);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(from)) {
            for (Path file : found) {
                try {
                    BasicFileAttributes read = Files.readAttributes(file, BasicFileAttributes.class);
                    long size = read.size() + (from.equals(payloads) ? OVERHEAD : 0);
                    Instant written = read.lastModifiedTime().toInstant();
                    bytes += size;
                    if (from.equals(payloads)) {
                        Path mark = used.resolve(String.valueOf(file.getFileName()));
                        items.add(new Item(file, mark, size, lastUse(mark, written)));
                    } else if (from.equals(attestations)) {
                        items.add(new Item(file, null, size, written));
                    } else if (written.isBefore(leftOver)) {
                        items.add(new Item(file, null, size, Instant.EPOCH));
                    }
                } catch (NoSuchFileException e) {
                    continue; // Another process has moved it to its place. Its space is reserved already.
                }
            }
        }
        return bytes;
    }

    private static Instant lastUse(Path mark, Instant otherwise) throws IOException {
        try {
            return Files.getLastModifiedTime(mark).toInstant();
        } catch (NoSuchFileException e) {
            return otherwise;
        }
    }

    /** Runs an action under the lock of the folder, which excludes all other threads and processes. */
    <T> T locked(Action<T> action) throws IOException {
        Instant until = Instant.now().plus(LOCK_WAIT);
        try {
            if (!IN_THIS_JVM.tryLock(LOCK_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new DiskTroubleException("disk cache " + folder + ": locked by another thread for too long");
            }
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = lock(channel, until)) {
                if (!held.isValid()) {
                    throw new DiskTroubleException("disk cache " + folder + ": lost its lock");
                }
                return action.run();
            } finally {
                IN_THIS_JVM.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DiskTroubleException("disk cache " + folder + ": interrupted while waiting for its lock");
        }
    }

    private FileLock lock(FileChannel channel, Instant until) throws IOException, InterruptedException {
        FileLock held = channel.tryLock();
        while (held == null) {
            if (Instant.now().isAfter(until)) {
                throw new DiskTroubleException("disk cache " + folder + ": locked by another process for too long");
            }
            Thread.sleep(5);
            held = channel.tryLock();
        }
        return held;
    }

    interface Action<T> {
        T run() throws IOException;
    }

    /**
     * A temporary file that is being written. {@link #remove} closes and deletes it. {@link #moveTo} gives it its final
     * place and leaves its descriptor open.
     */
    record Temporary(Path name, RandomAccessFile file) {
        /** Flushes the file, makes it read-only and moves it to {@code place}; replaces an existing file. */
        void moveTo(Path place) throws IOException {
            file.getChannel().force(true);
            OwnedFiles.makeReadOnly(name);
            Files.move(name, place, StandardCopyOption.ATOMIC_MOVE);
            Path parent = place.getParent();
            if (parent != null) {
                OwnedFiles.flush(parent);
            }
        }

        void remove() throws IOException {
            file.close();
            Files.deleteIfExists(name);
        }
    }

    private record Item(Path file, @Nullable Path usedFile, long bytes, Instant lastUse) {}
}
