package dev.precast.testkit.corpus;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs exercises on Chicory. */
public final class ChicoryTranscript {
    private long stubCalls;
    private String lastStubCall = "none";

    private ChicoryTranscript() {}

    /**
     * Runs an exercise in a new instance. Returns the results as lines that can be compared.
     *
     * @param machine creates the machine; {@code null} for the interpreter
     */
    public static List<String> of(Exercise exercise, WasmModule module, @Nullable Function<Instance, Machine> machine) {
        return new ChicoryTranscript().lines(exercise, module, machine);
    }

    private List<String> lines(Exercise exercise, WasmModule module, @Nullable Function<Instance, Machine> machine) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var options = WasiOptions.builder()
                .withClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .withRandom(new Random(0))
                .withArguments(exercise.arguments())
                .withStdin(new ByteArrayInputStream(exercise.stdin().getBytes(StandardCharsets.UTF_8)))
                .withStdout(out)
                .withStderr(err);
        exercise.environment().forEach(options::withEnvironment);
        List<String> lines = new ArrayList<>();
        try (var wasi = WasiPreview1.builder().withOptions(options.build()).build()) {
            var builder = Instance.builder(module)
                    .withImportValues(ChicoryStubs.of(module, wasi, exercise.copying(), this::stubCalled));
            if (machine != null) {
                builder.withMachineFactory(machine);
            }
            try {
                Transcript.of(exercise, new Running(builder.build()), lines);
            } catch (WasiExitException e) {
                lines.add("exit " + e.exitCode());
            } catch (ChicoryException | WasmException | StackOverflowError e) {
                lines.add("start: traps: " + said(e));
            }
        }
        lines.add("stubs: " + stubCalls + ", last " + lastStubCall);
        lines.add("out: " + out.toString(StandardCharsets.UTF_8));
        lines.add("err: " + err.toString(StandardCharsets.UTF_8));
        return List.copyOf(lines);
    }

    private void stubCalled(String call) {
        stubCalls++;
        lastStubCall = call;
    }

    private record Running(Instance instance) implements RunningModule {
        @Override
        public Signature signature(String function) {
            FunctionType type = instance.exportType(function);
            return new Signature(
                    type.params().stream().map(Running::type).toList(),
                    type.returns().stream().map(Running::type).toList());
        }

        private static ValueType type(ValType type) {
            if (type.equals(ValType.I32)) {
                return ValueType.I32;
            }
            if (type.equals(ValType.I64)) {
                return ValueType.I64;
            }
            if (type.equals(ValType.F32)) {
                return ValueType.F32;
            }
            return type.equals(ValType.F64) ? ValueType.F64 : ValueType.OTHER;
        }

        @Override
        public Called call(String function, long[] arguments) {
            try {
                return new Called.Returned(instance.export(function).apply(arguments));
            } catch (WasiExitException e) {
                return new Called.Exited(e.exitCode());
            } catch (ChicoryException | WasmException | StackOverflowError e) {
                return new Called.Trapped(said(e));
            }
        }

        @Override
        public byte[] read(int address, int length) {
            return instance.memory().readBytes(address, length);
        }

        @Override
        public void write(int address, byte[] bytes) {
            instance.memory().write(address, bytes);
        }

        @Override
        public long global(String name) {
            return instance.exports().global(name).getValue();
        }
    }

    /** The text of a trap, the same for interpreted and compiled code. Both forms of a stack overflow give one text. */
    private static String said(Throwable e) {
        if (e instanceof StackOverflowError || e.getCause() instanceof StackOverflowError) {
            return "call stack exhausted";
        }
        String message = String.valueOf(e.getMessage());
        int detail = message.indexOf(": ");
        return e.getClass().getSimpleName() + ": " + (detail < 0 ? message : message.substring(0, detail));
    }
}
