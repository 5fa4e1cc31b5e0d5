package dev.precast.precompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.cache.outcome.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cgroups in a folder with the files of the kernel. A delegated cgroup is rare on machines that run tests. */
class CgroupsTest {
    private static final Limits LIMITS = new Limits(64, 400, 30, 60, 4);
    private static final String SELF = String.valueOf(ProcessHandle.current().pid());

    @TempDir
    Path folder;

    private Path mount;
    private Path self;

    @BeforeEach
    void make_a_tree() throws IOException {
        mount = Files.createDirectory(folder.resolve("cgroup"));
        self = Files.createDirectory(folder.resolve("self"));
        Files.writeString(
                self.resolve("mountinfo"),
                "22 1 0:20 / /proc rw - proc proc rw\n31 22 0:28 / " + mount + " rw,nosuid - cgroup2 cgroup2 rw\n");
        Files.writeString(self.resolve("cgroup"), "4:memory:/old\n0::/\n");
        group(mount, "cpuset cpu io memory pids\n");
    }

    private static void group(Path group, String controllers) throws IOException {
        Files.createDirectories(group);
        Files.writeString(group.resolve("cgroup.controllers"), controllers);
        Files.writeString(group.resolve("cgroup.procs"), SELF + "\n");
        Files.writeString(group.resolve("cgroup.subtree_control"), "");
    }

    @Test
    void this_process_moves_into_a_leaf_and_children_get_the_controllers() {
        available();
        assertThat(mount.resolve("precast-worker/cgroup.procs")).hasContent(SELF);
        assertThat(mount.resolve("cgroup.subtree_control")).hasContent("+cpu +memory +pids");
    }

    @Test
    void a_cgroup_below_the_root_of_its_mount_is_found() throws IOException {
        Files.writeString(self.resolve("mountinfo"), "31 22 0:28 /docker/a " + mount + " rw - cgroup2 cgroup2 rw\n");
        Files.writeString(self.resolve("cgroup"), "0::/docker/a\n");
        available();
    }

    @Test
    void a_child_gets_limits_on_memory_processes_and_cpu_time() throws IOException {
        Cgroups.Group group = available().make(LIMITS, 576, 2);
        Path child = mount.resolve("precast-child-1");
        assertThat(child.resolve("memory.max")).hasContent(String.valueOf(404L << 20));
        assertThat(child.resolve("memory.oom.group")).hasContent("1");
        assertThat(child.resolve("pids.max")).hasContent("576");
        assertThat(child.resolve("cpu.max"))
                .hasContent(Cgroups.cpuMax(Runtime.getRuntime().availableProcessors(), 2));
        group.add(77);
        assertThat(child.resolve("cgroup.procs")).hasContent("77");
    }

    @Test
    void children_share_the_processors_but_each_has_at_least_one() {
        assertThat(Cgroups.cpuMax(8, 3)).isEqualTo("266666 100000");
        assertThat(Cgroups.cpuMax(2, 4)).isEqualTo("100000 100000");
        assertThat(Cgroups.cpuMax(8, 1)).isEqualTo("800000 100000");
    }

    @Test
    void a_cgroup_is_killed_and_removed_at_the_end() throws IOException {
        Path child = Files.createDirectory(mount.resolve("precast-child-7")); // An earlier worker left it.
        available();
        assertThat(child).doesNotExist();

        Path busy = Files.createDirectory(mount.resolve("precast-child-8"));
        Files.createFile(busy.resolve("cgroup.kill"));
        available();
        assertThat(busy.resolve("cgroup.kill")).hasContent("1");
    }

    /** The file of processes is a pipe here, so the worker waits at it until the test reads it. */
    @Test
    void a_child_is_in_its_cgroup_before_its_first_instruction() throws Exception {
        assumeTrue(Supervision.ofThisProcess().way() != Way.DIRECT);
        Cgroups.Support cgroups = Cgroups.detect(self);
        ChildFolder child = ChildFolder.in(folder);
        Path procs = Files.createDirectory(mount.resolve("precast-child-1")).resolve("cgroup.procs");
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", procs.toString())
                        .start()
                        .waitFor())
                .isZero();
        FutureTask<ChildProcess.Result> run = new FutureTask<>(() ->
                new ChildProcess(child, List.of(), LIMITS, cgroups, 1).run(List.of("/bin/sh", "-c", "echo ran > ran")));
        Thread.ofPlatform().start(run);

        // The CPU limit is written just before the child starts.
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(procs.resolveSibling("cpu.max")));
        Thread.sleep(500);
        assertThat(child.path().resolve("ran")).doesNotExist();
        String added = Files.readString(procs);

        assertThat(run.get()).isInstanceOf(ChildProcess.Exited.class);
        assertThat(child.path().resolve("ran")).exists();
        assertThat(Long.parseLong(added))
                .isPositive()
                .isNotEqualTo(ProcessHandle.current().pid());
    }

    @Test
    void without_controllers_or_delegation_nothing_is_changed() throws IOException {
        group(mount, "hugetlb\n");
        assertThat(missing()).endsWith("lacks the controllers cpu, memory, pids");

        group(mount, "cpu memory pids\n");
        Files.writeString(mount.resolve("cgroup.procs"), SELF + "\n1\n");
        assertThat(missing()).endsWith("has other processes than this one: [1]");

        Files.writeString(self.resolve("cgroup"), "4:memory:/old\n");
        assertThat(missing()).isEqualTo("cgroup v2: this process is in no cgroup of version 2");

        Files.writeString(self.resolve("cgroup"), "0::/\n");
        Files.writeString(self.resolve("mountinfo"), "31 22 0:28 / /sys/fs/cgroup rw - cgroup cgroup rw,cpu\n");
        assertThat(missing()).isEqualTo("cgroup v2: the file system of cgroups is not mounted");
        assertThat(mount.resolve("precast-worker")).doesNotExist();
    }

    @Test
    void a_cgroup_of_systemd_is_not_used_by_the_user_root() throws IOException {
        Path service = mount.resolve("system.slice/precast.service");
        group(mount.resolve("system.slice"), "cpu memory pids\n");
        group(service, "cpu memory pids\n");
        assumeTrue(Files.getAttribute(service, "unix:uid").equals(0));
        Files.writeString(self.resolve("cgroup"), "0::/system.slice/precast.service\n");
        assertThat(missing()).endsWith("is not delegated to this process (systemd: Delegate=yes)");
    }

    @Test
    void a_cgroup_that_cannot_be_made_does_not_stop_a_child() throws Exception {
        Cgroups.Support cgroups = Cgroups.detect(self);
        Files.createFile(mount.resolve("precast-child-1"));
        assertThat(new ChildProcess(ChildFolder.in(folder), List.of(), LIMITS, cgroups, 1)
                        .run(List.of("/bin/sh", "-c", "exit 3")))
                .isInstanceOfSatisfying(
                        ChildProcess.Exited.class,
                        exited -> assertThat(exited.code()).isEqualTo(3));
    }

    private Cgroups available() {
        Cgroups.Support support = Cgroups.detect(self);
        assertThat(support).isInstanceOf(Cgroups.Support.Available.class);
        return ((Cgroups.Support.Available) support).cgroups();
    }

    private String missing() {
        Cgroups.Support support = Cgroups.detect(self);
        assertThat(support).isInstanceOf(Cgroups.Support.Missing.class);
        return ((Cgroups.Support.Missing) support).why();
    }
}
