package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What attacks must not reach: files, sockets and processes beside the worker's children. They belong to the worker's
 * user. Not thread safe.
 */
final class Targets implements AutoCloseable {
    static final String SECRET = "secret-of-another";

    private final Path data;
    private final Path canary;
    private final Path neighbour;
    private final ServerSocketChannel tcp;
    private final ServerSocketChannel unix;
    private final DatagramChannel udp;
    private final Process victim;
    private final long worker;

    /**
     * @param folder an empty folder
     * @param jobs the folder of children's folders
     * @param worker process id of the worker
     * @param victim another process of the worker's user
     */
    Targets(Path folder, Path jobs, long worker, Process victim) throws IOException {
        this.worker = worker;
        this.victim = victim;
        data = Files.createDirectory(folder.resolve("data"));
        canary = secret(folder.resolve("canary"));
        secret(data.resolve("signing.key"));
        neighbour = secret(Files.createDirectory(jobs.resolve("neighbour")).resolve("module.wasm"));
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        tcp = ServerSocketChannel.open(StandardProtocolFamily.INET).bind(loopback);
        udp = DatagramChannel.open(StandardProtocolFamily.INET).bind(loopback);
        Path socket = folder.resolve("socket");
        unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
        tcp.configureBlocking(false);
        udp.configureBlocking(false);
        unix.configureBlocking(false);
    }

    private static Path secret(Path file) throws IOException {
        Files.writeString(file, SECRET);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** Variables for the script of an attack. */
    String variables() throws IOException {
        byte[] path = ((UnixDomainSocketAddress) unix.getLocalAddress())
                .getPath()
                .toString()
                .getBytes(UTF_8);
        ByteBuffer address =
                ByteBuffer.allocate(110).put((byte) 1).put((byte) 0).put(path);
        return "KEY=" + data.resolve("signing.key") + " DATA=" + data + " CANARY=" + canary + " NEIGHBOUR=" + neighbour
                + " WORKER=" + worker + " VICTIM=" + victim.pid() + " TCP=%" + internet(tcp.getLocalAddress())
                + " UDP=%" + internet(udp.getLocalAddress())
                + " UNIX=%" + HexFormat.of().formatHex(address.array()) + " HOME_FOLDER=$(pwd)\n";
    }

    /** The kernel's structure sockaddr_in. */
    private static String internet(SocketAddress address) {
        InetSocketAddress internet = (InetSocketAddress) address;
        ByteBuffer bytes = ByteBuffer.allocate(16)
                .put((byte) 2)
                .put((byte) 0)
                .putShort((short) internet.getPort())
                .put(internet.getAddress().getAddress());
        return HexFormat.of().formatHex(bytes.array());
    }

    /** The state of everything that an attack must not change, by what it is. */
    Map<String, Object> state() throws IOException {
        Map<String, Object> state = new TreeMap<>();
        List<Object> files = new ArrayList<>();
        for (Path file : List.of(data, data.resolve("signing.key"), canary, neighbour)) {
            files.add(
                    Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                            ? Files.readAttributes(file, "unix:mode,uid,gid,size,ctime,lastModifiedTime")
                            : "gone");
        }
        state.put("files", files);
        state.put("the worker", process(worker));
        state.put("another process", process(victim.pid()));
        state.put(
                "objects that last",
                Files.readString(Path.of("/proc/sysvipc/shm"))
                        .lines()
                        .filter(line -> line.strip().startsWith("1347569988"))
                        .toList());
        return state;
    }

    /** Limits, priority, scheduler and processors of a process, and whether it runs. */
    private static Object process(long pid) {
        Path process = Path.of("/proc", String.valueOf(pid));
        try {
            String stat = Files.readString(process.resolve("stat"));
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
            return List.of(
                    fields.get(0).equals("Z"),
                    List.of(fields.get(15), fields.get(16), fields.get(37), fields.get(38)),
                    Files.readString(process.resolve("limits")),
                    Files.readAllLines(process.resolve("status")).stream()
                            .filter(line -> line.startsWith("Cpus_allowed:") || line.startsWith("TracerPid:"))
                            .toList());
        } catch (IOException e) {
            return "ended";
        }
    }

    /** Whether a socket got something since the last call. */
    boolean heard() throws IOException {
        boolean heard = false;
        for (ServerSocketChannel server : List.of(tcp, unix)) {
            for (SocketChannel client = server.accept(); client != null; client = server.accept()) {
                client.close();
                heard = true;
            }
        }
        while (udp.receive(ByteBuffer.allocate(64)) != null) {
            heard = true;
        }
        return heard;
    }

    @Override
    public void close() throws IOException {
        victim.destroyForcibly();
        tcp.close();
        udp.close();
        unix.close();
    }
}
