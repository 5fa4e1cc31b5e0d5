package dev.precast.server;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The program of a child that was taken over: tries all ways to a socket, by system calls and by the JDK, and writes
 * one line {@code way=result} for each. The input names the targets. This class has no nested classes, so that one file
 * is the program.
 */
final class SocketAttacker {
    private static final int FAMILIES = 46;
    private static final int[] TYPES = {1, 2, 3, 4, 5, 10};
    /** Multipath TCP, SCTP, UDP-Lite, ICMP and any protocol, each with its type. */
    private static final int[][] PROTOCOLS = {{1, 262}, {1, 132}, {2, 136}, {3, 1}, {3, 255}};

    private static final int LARGEST_DESCRIPTOR = 63;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int FAST_OPEN = 0x20000000;

    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1),
            Linker.Option.captureCallState("errno"));

    private final List<String> lines = new ArrayList<>();

    /** @param args the input, which contains the targets between {@code <} and {@code >} (port of the service, port
     *     for TCP, port for UDP, path of a socket), and the output */
    public static void main(String[] args) throws Throwable {
        String input = Files.readString(Path.of(args[0]), StandardCharsets.ISO_8859_1);
        String[] targets =
                input.substring(input.indexOf('<') + 1, input.indexOf('>')).split(" ");
        SocketAttacker attacker = new SocketAttacker();
        attacker.bySystemCalls(Integer.parseInt(targets[1]));
        attacker.byTheJdk(targets);
        Files.write(Path.of(args[1]), attacker.lines);
    }

    private void bySystemCalls(int port) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            for (int family = 0; family < FAMILIES; family++) {
                for (int type : TYPES) {
                    told("socket " + family + " " + type, call(arena, 41, 198, family, type, 0));
                }
            }
            for (int[] protocol : PROTOCOLS) {
                told("socket 2 " + protocol[0] + " " + protocol[1], call(arena, 41, 198, 2, protocol[0], protocol[1]));
            }
            MemorySegment buffer = arena.allocate(512, 8);
            told("socketpair", call(arena, 53, 199, 1, 1, 0, buffer.address()));
            told(
                    "io_uring_setup",
                    call(arena, 425, 425, 1, buffer.fill((byte) 0).address()));
            told("pidfd_open", call(arena, 434, 434, 1, 0));
            told("pidfd_getfd", call(arena, 438, 438, 0, 0, 0));
            MemorySegment address = address(arena, port);
            for (int descriptor = 0; descriptor <= LARGEST_DESCRIPTOR; descriptor++) {
                if (call(arena, 5, 80, descriptor, buffer.address()) == 0
                        && (buffer.get(JAVA_INT, ARM ? 16 : 24) & FILE_TYPE) == SOCKET) {
                    told("descriptor " + descriptor, 0);
                }
                told("connect " + descriptor, call(arena, 42, 203, descriptor, address.address(), 16));
                told(
                        "sendto " + descriptor,
                        call(arena, 44, 206, descriptor, buffer.address(), 1, FAST_OPEN, address.address(), 16));
            }
        }
    }

    /** A sockaddr_in of 127.0.0.1. */
    private static MemorySegment address(Arena arena, int port) {
        MemorySegment address = arena.allocate(16, 8);
        address.set(JAVA_SHORT, 0, (short) 2);
        address.set(JAVA_BYTE, 2, (byte) (port >> 8));
        address.set(JAVA_BYTE, 3, (byte) port);
        address.set(JAVA_BYTE, 4, (byte) 127);
        address.set(JAVA_BYTE, 7, (byte) 1);
        return address;
    }

    /** The result, or the error number with its sign changed. */
    private static long call(Arena arena, int x86, int arm, long... arguments) throws Throwable {
        long[] a = new long[6];
        System.arraycopy(arguments, 0, a, 0, arguments.length);
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        long number = ARM ? arm : x86;
        long result = (long) SYSCALL.invokeExact(state, number, a[0], a[1], a[2], a[3], a[4], a[5]);
        return result == -1 ? -state.get(JAVA_INT, 0) : result;
    }

    private void told(String way, long result) {
        lines.add(way + "=" + result);
    }

    private void byTheJdk(String[] targets) {
        String service = "http://127.0.0.1:" + targets[0];
        lines.add("engines=" + status(service + "/v1/engines"));
        lines.add("module=" + status(service + "/v1/modules/" + "0".repeat(64)));
        lines.add("tcp=" + tcp(Integer.parseInt(targets[1])));
        lines.add("udp=" + udp(Integer.parseInt(targets[2])));
        lines.add("unix=" + unix(Path.of(targets[3])));
    }

    private static String status(String address) {
        try {
            HttpURLConnection http =
                    (HttpURLConnection) URI.create(address).toURL().openConnection();
            return String.valueOf(http.getResponseCode());
        } catch (IOException | LinkageError e) {
            return refused(e);
        }
    }

    private static String tcp(int port) {
        try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return "reached";
        } catch (IOException | LinkageError e) {
            return refused(e);
        }
    }

    private static String udp(int port) {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral("127.0.0.1"), port));
            return "reached";
        } catch (IOException | LinkageError e) {
            return refused(e);
        }
    }

    private static String unix(Path path) {
        try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return "reached";
        } catch (IOException | LinkageError e) {
            return refused(e);
        }
    }

    private static String refused(Throwable why) {
        return "refused: " + why;
    }
}
