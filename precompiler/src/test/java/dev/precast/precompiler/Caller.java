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
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The program of a child that makes the system calls it is told to make, and prints their results. */
final class Caller {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("syscall"),
            FunctionDescriptor.of(
                    JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1),
            Linker.Option.captureCallState("errno"));

    private Caller() {}

    /**
     * The command for a child.
     *
     * @param calls system calls with their arguments separated by blanks: numbers, {@code @text} for a pointer to a
     *     text, {@code *bytes} for a pointer to a buffer of words with the value 1, {@code %hex} for a pointer to bytes,
     *     {@code <path} for the descriptor of a file, {@code $} for the result of the call before
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
        calls.forEach(call -> command.add(call.text()));
        return command;
    }

    /** A call to make. */
    record Attempt(SystemCall call, String arguments) {
        /** The text for {@link #main}. */
        String text() {
            int number = call.number(Architecture.ofThisMachine().orElseThrow());
            return call.name() + " " + number + " " + arguments;
        }
    }

    /** The folder with this class, which a child must be allowed to read. */
    static Path classes() {
        return classesOf(Caller.class);
    }

    static Path classesOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }

    public static void main(String[] calls) throws Throwable {
        long last = 0;
        try (Arena arena = Arena.ofConfined()) {
            for (String call : calls) {
                String[] words = call.strip().split(" ");
                long[] arguments = new long[6];
                for (int i = 2; i < words.length; i++) {
                    arguments[i - 2] = words[i].equals("$") ? last : value(arena, words[i]);
                }
                last = call(arena, Long.parseLong(words[1]), arguments);
                System.out.println(words[0] + "=" + last);
                System.out.flush();
            }
        }
    }

    /** The result, or the error number with its sign changed. */
    private static long call(Arena arena, long number, long... arguments) throws Throwable {
        long[] a = Arrays.copyOf(arguments, 6);
        MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
        long result = (long) SYSCALL.invokeExact(state, number, a[0], a[1], a[2], a[3], a[4], a[5]);
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
            case '%' ->
                arena.allocateFrom(JAVA_BYTE, HexFormat.of().parseHex(rest)).address();
            case '<' -> {
                int openat = SystemCall.table("openat=257/56")
                        .getFirst()
                        .number(Architecture.ofThisMachine().orElseThrow());
                long opened = call(arena, openat, -100, arena.allocateFrom(rest).address());
                if (opened < 0) {
                    throw new IOException(rest + ": error " + -opened);
                }
                yield opened;
            }
            default -> Long.parseLong(word);
        };
    }

    /**
     * The program of a child that starts threads: as many as it can, or as many at a time as the first argument says and as
     * often as the second one says.
     */
    static final class Threads {
        public static void main(String[] args) throws InterruptedException {
            int atATime = args.length == 0 ? Integer.MAX_VALUE : Integer.parseInt(args[0]);
            int rounds = args.length == 0 ? 1 : Integer.parseInt(args[1]);
            try {
                for (int round = 0; round < rounds; round++) {
                    List<Thread> started = new ArrayList<>();
                    for (int i = 0; i < atATime; i++) {
                        started.add(Thread.ofPlatform().daemon().start(() -> LockSupport.park()));
                    }
                    for (Thread thread : started) {
                        LockSupport.unpark(thread);
                        thread.join();
                    }
                }
                System.out.println("started");
            } catch (OutOfMemoryError e) {
                Thread.sleep(60_000);
            }
        }
    }

    /** The program of a child that makes folders in folders: as many as the argument says. */
    static final class Deep {
        public static void main(String[] args) throws Throwable {
            SystemCall mkdirat = SystemCall.table("mkdirat=258/34").getFirst();
            SystemCall chdir = SystemCall.table("chdir=80/49").getFirst();
            Architecture here = Architecture.ofThisMachine().orElseThrow();
            try (Arena arena = Arena.ofConfined()) {
                long name = arena.allocateFrom("d").address();
                long result = 0;
                for (int i = Integer.parseInt(args[0]); i > 0 && result == 0; i--) {
                    result = call(arena, mkdirat.number(here), -100, name, 448);
                    result = Math.min(result, call(arena, chdir.number(here), name));
                }
                System.out.println("deep=" + result);
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
