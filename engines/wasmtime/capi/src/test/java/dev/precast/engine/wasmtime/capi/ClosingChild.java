package dev.precast.engine.wasmtime.capi;

import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/** Closes engine and code while programs start and run. A use of freed memory would end this process. */
final class ClosingChild {
    private static final int ROUNDS = 1000;
    private static final int THREADS = 3;
    private static final long LONGEST_NANOS = 10_000_000_000L;

    private static int ended;
    private static int refused;

    private ClosingChild() {}

    /** @param args the path of a Wasmtime library */
    public static void main(String[] args) throws Exception {
        WasmtimeLibrary library = WasmtimeLibrary.load(Path.of(args[0]));
        for (long nanos = 50_000_000; ended != THREADS; nanos *= 2) {
            if (nanos > LONGEST_NANOS) {
                throw new AssertionError(
                        "expected that " + THREADS + " programs counted to their end, " + ended + " did");
            }
            ended = 0;
            refused = 0;
            round(library, Wasm.COUNTS, nanos); // The time doubles until all programs run when the engine is closed.
        }
        for (int i = 0; i < ROUNDS; i++) {
            round(library, Wasm.EXITS_WITH_7, i * 100L);
        }
        System.out.println("ended " + ended + " refused " + refused);
    }

    private static void round(WasmtimeLibrary library, byte[] wasm, long nanos) throws Exception {
        Engine engine = Engine.create(library, Profile.CRANELIFT.config(library), Profile.CRANELIFT.target());
        try (Arena arena = Arena.ofConfined()) {
            CompiledCode code = engine.compile(Wasm.of(arena, wasm), WasmKind.MODULE);
            CountDownLatch ready = new CountDownLatch(THREADS);
            List<FutureTask<Integer>> runs = List.of(run(code, ready), run(code, ready), run(code, ready));
            runs.forEach(run -> Thread.ofPlatform().start(run));
            ready.await();
            for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
                Thread.onSpinWait();
            }
            code.close();
            engine.close();
            code.close();
            for (FutureTask<Integer> run : runs) {
                count(run.get());
            }
        }
    }

    private static FutureTask<Integer> run(CompiledCode code, CountDownLatch ready) {
        Callable<Integer> task = () -> {
            ready.countDown();
            try {
                return WasiCommand.run(code, WasiSettings.of(List.of("closing")));
            } catch (IllegalStateException e) {
                return e.getMessage() == null ? -1 : -2;
            }
        };
        return new FutureTask<>(task);
    }

    private static void count(int status) {
        switch (status) {
            case 7 -> ended++;
            case -2 -> refused++;
            default -> throw new AssertionError("expected 7, found " + status);
        }
    }
}
