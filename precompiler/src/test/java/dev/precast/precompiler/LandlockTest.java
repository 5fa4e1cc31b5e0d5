package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Landlock alone, without the filter of system calls. */
final class LandlockTest {
    @TempDir
    Path folder;

    private Landlock landlock;
    private Path own;

    @BeforeEach
    void needs_a_kernel_with_landlock() throws IOException {
        Landlock.Support support = Landlock.detect();
        assumeTrue(support instanceof Landlock.Support.Available, () -> support.toString());
        landlock = ((Landlock.Support.Available) support).landlock();
        own = Files.createDirectory(folder.resolve("own"));
    }

    @Test
    void a_confined_child_uses_its_own_folder_and_nothing_beside_it() throws Exception {
        Files.writeString(folder.resolve("secret"), "the key");
        String said = shell("cat " + folder + "/secret; echo x > " + folder + "/planted; echo mine > own && cat own");
        assertThat(said).contains("mine").doesNotContain("the key");
        assertThat(folder.resolve("planted")).doesNotExist();
    }

    @Test
    void a_confined_child_reads_neither_environment_nor_memory_of_its_parent() throws Exception {
        long parent = ProcessHandle.current().pid();
        assertThat(shell("cat /proc/" + parent + "/environ && echo leaked; cat /proc/" + parent
                        + "/maps && echo leaked"))
                .doesNotContain("leaked");
    }

    @Test
    void a_confined_child_cannot_signal_its_parent() throws Exception {
        assumeTrue(landlock.version() >= 6);
        assertThat(shell("kill -CONT " + ProcessHandle.current().pid() + " && echo reached"))
                .doesNotContain("reached");
    }

    @Test
    void a_confined_child_reaches_no_tcp_port() throws Exception {
        assumeTrue(landlock.version() >= 4);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<String> command = List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx32m",
                    "-cp",
                    Path.of(Connect.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI())
                            .toString(),
                    Connect.class.getName(),
                    String.valueOf(server.getLocalPort()));
            assertThat(run(command)).contains("refused").doesNotContain("connected");
        }
    }

    @Test
    void a_confined_child_makes_no_device_files_and_no_sockets() throws Exception {
        assertThat(shell("mknod disk b 254 0; mknod terminal c 5 0; mkfifo pipe && echo made"))
                .contains("made");
        assertThat(own.resolve("disk")).doesNotExist();
        assertThat(own.resolve("terminal")).doesNotExist();
    }

    @Test
    void the_parent_keeps_its_rights() throws Exception {
        shell("true");
        Path file = Files.writeString(folder.resolve("mine"), "still");
        assertThat(Files.readString(file)).isEqualTo("still");
    }

    private String shell(String script) throws Exception {
        return run(List.of("/bin/sh", "-c", script));
    }

    private String run(List<String> command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(own.toFile()).redirectErrorStream(true);
        Path classes = Path.of(LandlockTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<Path> readable = List.of(classes, Path.of(System.getProperty("java.home")));
        FutureTask<Process> start = new FutureTask<>(() -> {
            landlock.restrictThisThread(readable, own);
            return builder.start();
        });
        Thread.ofPlatform().start(start);
        Process child = start.get();
        String said = new String(child.getInputStream().readAllBytes(), UTF_8);
        child.waitFor();
        return said;
    }

    /** Prints whether it can reach a loopback port. */
    static final class Connect {
        public static void main(String[] args) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]))) {
                System.out.println("connected to " + socket.getPort());
            } catch (IOException e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }
}
