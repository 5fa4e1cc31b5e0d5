package dev.precast.precompiler;

import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Cgroups (version 2) for children, below a cgroup that was delegated to this process. The kernel enforces their limits
 * for all processes of a child together. See the kernel's page admin-guide/cgroup-v2.
 *
 * <p>Processes live in leaves only, so this process moves into a leaf of its own first. Thread safe.
 */
final class Cgroups {
    private static final System.Logger LOG = System.getLogger(Cgroups.class.getName());
    private static final List<String> CONTROLLERS = List.of("cpu", "memory", "pids");
    private static final String OWN_LEAF = "precast-worker";
    private static final String CHILD = "precast-child-";

    private final Path delegated;
    private final AtomicLong number = new AtomicLong();

    private Cgroups(Path delegated) {
        this.delegated = delegated;
    }

    /**
     * Looks for a delegated cgroup, and prepares it: moves this process into a leaf, makes the controllers available to
     * children, and removes what an earlier worker left. Changes nothing if no cgroup is delegated.
     *
     * @param self the folder of this process in /proc
     */
    static Support detect(Path self) {
        try {
            Path group = own(self);
            Optional<String> unusable = unusable(group);
            if (unusable.isPresent()) {
                return new Support.Missing(unusable.get());
            }
            Cgroups cgroups = new Cgroups(group);
            cgroups.prepare();
            return new Support.Available(cgroups);
        } catch (IOException | DirectoryIteratorException e) {
            return new Support.Missing("cgroup v2: " + e.getMessage());
        }
    }

    /** The folder of the cgroup of a process. */
    private static Path own(Path self) throws IOException {
        String group = Files.readAllLines(self.resolve("cgroup")).stream()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> line.substring(3))
                .findFirst()
                .orElseThrow(() -> new IOException("this process is in no cgroup of version 2"));
        for (String line : Files.readAllLines(self.resolve("mountinfo"))) {
            // 41 31 0:38 ROOT MOUNT_POINT rw,relatime - cgroup2 cgroup2 rw
            String[] words = line.split(" ");
            int dash = List.of(words).indexOf("-");
            if (dash > 4 && words[dash + 1].equals("cgroup2") && Path.of(group).startsWith(words[3])) {
                Path inside = Path.of(words[3]).relativize(Path.of(group));
                return Path.of(words[4]).resolve(inside).normalize();
            }
        }
        throw new IOException("the file system of cgroups is not mounted");
    }

    /** Why a cgroup cannot be used; empty if it can. */
    private static Optional<String> unusable(Path group) throws IOException {
        Set<String> there = Set.of(
                Files.readString(group.resolve("cgroup.controllers")).strip().split(" "));
        List<String> absent =
                CONTROLLERS.stream().filter(name -> !there.contains(name)).toList();
        if (!absent.isEmpty()) {
            return Optional.of("cgroup v2: " + group + " lacks the controllers " + String.join(", ", absent));
        }
        if (!isDelegated(group)) {
            return Optional.of("cgroup v2: " + group + " is not delegated to this process (systemd: Delegate=yes)");
        }
        List<String> others = Files.readAllLines(group.resolve("cgroup.procs")).stream()
                .filter(pid -> !pid.equals(self()))
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of("cgroup v2: " + group + " has other processes than this one: " + others);
    }

    /**
     * Whether this process may change a cgroup. The user root may write to every cgroup, but those that systemd manages
     * are its own unless it marks them as delegated; a container sees its cgroup as the root of the tree.
     */
    private static boolean isDelegated(Path group) throws IOException {
        if (!Files.isWritable(group) || !Files.isWritable(group.resolve("cgroup.subtree_control"))) {
            return false;
        }
        return !Files.getAttribute(group, "unix:uid").equals(0)
                || !Files.exists(group.resolveSibling("cgroup.controllers"))
                || isMarked(group);
    }

    private static boolean isMarked(Path group) throws IOException {
        UserDefinedFileAttributeView attributes = Files.getFileAttributeView(group, UserDefinedFileAttributeView.class);
        return attributes != null && attributes.list().contains("delegate");
    }

    private void prepare() throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(delegated, CHILD + "*")) {
            left.forEach(group -> new Group(group).close());
        }
        Path leaf = Files.createDirectories(delegated.resolve(OWN_LEAF));
        Files.writeString(leaf.resolve("cgroup.procs"), self());
        Files.writeString(delegated.resolve("cgroup.subtree_control"), "+" + String.join(" +", CONTROLLERS));
    }

    private static String self() {
        return String.valueOf(ProcessHandle.current().pid());
    }

    /**
     * Makes a cgroup for one child.
     *
     * @param limits memory and output are the cgroup's limit on memory, since files in a memory file system count
     * @param processes maximum number of processes and threads
     * @param share how many children share the processors
     * @throws IOException if the kernel refuses
     */
    Group make(Limits limits, int processes, int share) throws IOException {
        Group group = new Group(Files.createDirectories(delegated.resolve(CHILD + number.incrementAndGet())));
        try {
            group.set("memory.max", String.valueOf((long) (limits.memoryMb() + limits.outputMb()) << 20));
            group.set("memory.oom.group", "1");
            group.set("pids.max", String.valueOf(processes));
            group.set("cpu.max", cpuMax(Runtime.getRuntime().availableProcessors(), share));
            if (Files.exists(delegated.resolve(OWN_LEAF).resolve("memory.swap.max"))) {
                group.set("memory.swap.max", "0"); // Absent if the kernel does not count swap.
            }
            return group;
        } catch (IOException e) {
            group.close();
            throw e;
        }
    }

    /** An equal share of the processors, but at least one: microseconds of CPU time in each 100,000. */
    static String cpuMax(int processors, int share) {
        return Math.max(100_000, 100_000L * processors / share) + " 100000";
    }

    /** The cgroup of one child. */
    static final class Group implements AutoCloseable {
        private static final int REMOVALS = 100;
        private static final long PAUSE_MILLIS = 10;

        private final Path folder;

        private Group(Path folder) {
            this.folder = folder;
        }

        private void set(String file, String value) throws IOException {
            Files.writeString(folder.resolve(file), value);
        }

        /**
         * Moves a process into the cgroup. The processes that it starts afterwards are in it too. Logs a failure, since
         * the child's other limits hold without the cgroup.
         */
        void add(long pid) {
            try {
                set("cgroup.procs", String.valueOf(pid));
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cgroup " + folder + ": child " + pid + " cannot be added: " + e);
            }
        }

        /** Kills all processes of the cgroup and removes it. Logs what fails. */
        @Override
        public void close() {
            try {
                if (Files.exists(folder.resolve("cgroup.kill"))) {
                    set("cgroup.kill", "1"); // Since Linux 5.14. The supervisor kills them too.
                }
                remove();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "cgroup " + folder + ": cannot be removed: " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void remove() throws IOException, InterruptedException {
            for (int i = 1; ; i++) {
                try {
                    Files.deleteIfExists(folder);
                    return;
                } catch (IOException e) {
                    // Busy until the killed processes have ended.
                    if (i == REMOVALS || e instanceof DirectoryNotEmptyException) {
                        throw e;
                    }
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    /** Whether children can have cgroups here. */
    sealed interface Support {
        record Available(Cgroups cgroups) implements Support {}

        /** @param why for people */
        record Missing(String why) implements Support {}
    }
}
