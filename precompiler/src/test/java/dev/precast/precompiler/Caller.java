package dev.precast.precompiler;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.precast.precompiler.SystemCall.Architecture;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The program of a child that makes the system calls it is told to make, and prints their results. */
final class Caller {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1),
            Linker.Option.captureCallState("errno"));

    private Caller() {}

    /**
     * The command for a child.
     *
     * @param calls system calls with their arguments separated by blanks: numbers, {@code @text} for a pointer to a
     *     text, {@code *bytes} for a pointer to a buffer of words with the value 1, {@code <path} for the descriptor of
     *     a file
     */
    static List<String> command(List<Attempt> calls) {
        List<String> command = new ArrayList<>(List.of(
                PackCommand.java().toString(),
                "-Xmx32m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes().toString() + ":" + classesOf(SystemCall.class),
                Caller.class.getName()));
        Architecture architecture = Architecture.ofThisMachine().orElseThrow();
        for (Attempt call : calls) {
            command.add(call.call().name() + " " + call.call().number(architecture) + " " + call.arguments());
        }
        return command;
    }

    /** A call to make. */
    record Attempt(SystemCall call, String arguments) {}

    /** The folder with this class, which a child must be allowed to read. */
    static Path classes() {
        return classesOf(Caller.class);
    }

    static Path classesOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }

    public static void main(String[] calls) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            for (String call : calls) {
                String[] words = call.strip().split(" ");
                long[] arguments = new long[5];
                for (int i = 2; i < words.length; i++) {
                    arguments[i - 2] = value(arena, words[i]);
                }
                System.out.println(words[0] + "=" + call(arena, Long.parseLong(words[1]), arguments));
                System.out.flush();
            }
        }
    }

    /** The result, or the error number with its sign changed. */
    private static long call(Arena arena, long number, long... a) throws Throwable {
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        long result = (long) SYSCALL.invokeExact(state, number, a[0], a[1], a[2], a[3], a[4]);
        return result == -1 ? -state.get(JAVA_INT, 0) : result;
    }

    private static long value(Arena arena, String word) throws Throwable {
        String rest = word.substring(1);
        return switch (word.charAt(0)) {
            case '@' -> arena.allocateFrom(rest).address();
            case '*' -> {
                MemorySegment buffer = arena.allocate(Long.parseLong(rest), 8);
                for (long at = 0; at + 8 <= buffer.byteSize(); at += 8) {
                    buffer.set(JAVA_LONG, at, 1);
                }
                yield buffer.address();
            }
            case '<' -> {
                int openat = SystemCall.table("openat=257/56")
                        .getFirst()
                        .number(Architecture.ofThisMachine().orElseThrow());
                long opened = call(arena, openat, -100, arena.allocateFrom(rest).address(), 0, 0, 0);
                if (opened < 0) {
                    throw new IOException(rest + ": error " + -opened);
                }
                yield opened;
            }
            default -> Long.parseLong(word);
        };
    }

    /** The program of a child that starts threads as long as it can. */
    static final class Threads {
        public static void main(String[] args) throws InterruptedException {
            try {
                while (true) {
                    Thread.ofPlatform().daemon().start(() -> LockSupport.park());
                }
            } catch (OutOfMemoryError e) {
                Thread.sleep(60_000);
            }
        }
    }

    /** The program of a child that makes the 32-bit system call getpid, which only x86-64 has. */
    static final class ThirtyTwoBits {
        public static void main(String[] args) throws Throwable {
            // mov eax, 20; int 0x80; ret
            byte[] code = {(byte) 0xb8, 20, 0, 0, 0, (byte) 0xcd, (byte) 0x80, (byte) 0xc3};
            try (Arena arena = Arena.ofConfined()) {
                int readWriteExecute = 7;
                int privateAnonymous = 0x22;
                MethodHandle mmap = LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("mmap"),
                        FunctionDescriptor.of(
                                JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
                long address = (long) mmap.invokeExact(0L, 4096L, readWriteExecute, privateAnonymous, -1, 0L);
                MemorySegment page = MemorySegment.ofAddress(address).reinterpret(4096);
                MemorySegment.copy(code, 0, page, JAVA_BYTE, 0, code.length);
                int pid = (int) LINKER.downcallHandle(page, FunctionDescriptor.of(JAVA_INT))
                        .invokeExact();
                Files.writeString(Path.of("answered"), "process " + pid);
            }
        }
    }
}
