package dev.precast.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.artifact.Digest;
import dev.precast.launcher.Installation;
import dev.precast.launcher.ServerProcess;
import dev.precast.pack.PackList;
import dev.precast.testkit.pack.CopyPack;
import dev.precast.testkit.server.RealServer;
import java.io.File;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A compiler that was taken over reaches neither the API of its own node nor any other socket. The same program reaches
 * all of them when it runs outside a worker.
 */
final class ChildrenCannotReachTheServiceIT {
    private static final String NOT_IMPLEMENTED = "-38";
    private static final List<String> BY_THE_JDK = List.of("engines", "module", "tcp", "udp", "unix");

    @TempDir
    static Path folder;

    private static ServerSocketChannel tcp;
    private static ServerSocketChannel unix;
    private static DatagramSocket udp;
    private static ServerProcess server;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        tcp = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(folder.resolve("u")));
        tcp.configureBlocking(false);
        unix.configureBlocking(false);
        udp.setSoTimeout(200);
        server = RealServer.precast(folder.resolve("data"), "-Dprecast.packs.folder=" + packs());
        client = Client.local(server.address(), folder.resolve("data"));
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        server.close();
        tcp.close();
        unix.close();
        udp.close();
    }

    /** The pack that copies, but its compiler is the attacker. */
    private static Path packs() throws IOException {
        Path packs = CopyPack.in(folder);
        Path pack = packs.resolve("copy");
        String program = SocketAttacker.class.getName().replace('.', '/') + ".class";
        Path copy = pack.resolve(program);
        Files.createDirectories(copy.resolveSibling("."));
        Files.copy(classes().resolve(program), copy);
        String engine = Files.readString(pack.resolve("engine.json"));
        String command = attacker("{java}", "{pack}", "{in}", "{out}").stream()
                .map(word -> '"' + word + '"')
                .collect(Collectors.joining(", "));
        Files.writeString(
                pack.resolve("engine.json"),
                engine.replace("\"/bin/sh\", \"{pack}/compile.sh\", \"{in}\", \"{out}\"", command));
        PackList.write(packs);
        return packs;
    }

    private static List<String> attacker(String java, String classes, String in, String out) {
        return List.of(
                java,
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes,
                SocketAttacker.class.getName(),
                in,
                out);
    }

    private static Path classes() {
        return Path.of(SocketAttacker.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    }

    private static byte[] targets() throws IOException {
        return CopyPack.module("<" + server.port() + " " + ((InetSocketAddress) tcp.getLocalAddress()).getPort() + " "
                + udp.getLocalPort() + " " + folder.resolve("u") + ">");
    }

    private static Map<String, String> results(String lines) {
        return lines.lines()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
    }

    @Test
    void a_child_has_no_socket_and_makes_none() throws Exception {
        Digest module = client.upload(targets());
        Client.Answer compiled = client.compile(module, "Prefer", "wait=60");
        assertThat(compiled.status()).as(compiled.text()).isEqualTo(200);

        Map<String, String> results =
                results(client.get(compiled.json().string("href")).text());

        assertThat(BY_THE_JDK)
                .allSatisfy(way -> assertThat(results.remove(way)).as(way).startsWith("refused: "));
        assertThat(results)
                .hasSizeGreaterThan(400)
                .allSatisfy((way, result) -> assertThat(result).as(way).isEqualTo(NOT_IMPLEMENTED));
        assertThat(reached()).isEmpty();
    }

    @Test
    void outside_a_worker_the_same_program_reaches_all_but_modules() throws Exception {
        Map<String, String> results = outside(List.of());

        assertThat(results)
                .containsEntry("engines", "200")
                .containsEntry("module", "401")
                .containsEntry("tcp", "reached")
                .containsEntry("udp", "reached")
                .containsEntry("unix", "reached");
        assertThat(results.get("socket 2 1")).as("a descriptor").matches("\\d+");
        assertThat(reached()).containsExactly("tcp", "udp", "unix");
    }

    @Test
    void namespaces_alone_keep_the_same_program_from_the_network() throws Exception {
        assumeTrue(server.log().contains("confinement: namespaces: yes"));

        Map<String, String> results = outside(List.of("/usr/bin/unshare", "--user", "--net", "--"));

        assertThat(List.of("engines", "module", "tcp", "udp"))
                .allSatisfy(way -> assertThat(results.get(way)).as(way).startsWith("refused: "));
        assertThat(reached()).doesNotContain("tcp", "udp");
    }

    private static Map<String, String> outside(List<String> before) throws Exception {
        Path in = Files.write(folder.resolve("in"), targets());
        Path out = folder.resolve("out");
        List<String> command = new ArrayList<>(before);
        command.addAll(attacker(Installation.java(), classes().toString(), in.toString(), out.toString()));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(log)).isZero();
        return results(Files.readString(out, UTF_8));
    }

    /** The listeners that somebody has reached since the last call. */
    private static Set<String> reached() throws IOException {
        Set<String> reached = new TreeSet<>();
        while (tcp.accept() != null) {
            reached.add("tcp");
        }
        while (unix.accept() != null) {
            reached.add("unix");
        }
        try {
            while (true) {
                udp.receive(new DatagramPacket(new byte[1], 1));
                reached.add("udp");
            }
        } catch (SocketTimeoutException nothing) {
            return reached;
        }
    }
}
