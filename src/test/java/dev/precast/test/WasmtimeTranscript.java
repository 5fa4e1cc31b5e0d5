package dev.precast.test;

import dev.precast.engine.wasmtime.capi.FunctionType;
import dev.precast.engine.wasmtime.capi.ModuleInstance;
import dev.precast.engine.wasmtime.capi.WasiSettings;
import dev.precast.engine.wasmtime.capi.WasmtimeException;
import dev.precast.testkit.corpus.Exercise;
import dev.precast.testkit.corpus.RunningModule;
import dev.precast.testkit.corpus.Transcript;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs exercises on Wasmtime: as a WASI command if the exercise has arguments, otherwise by calls of exported
 * functions.
 */
final class WasmtimeTranscript {
    private WasmtimeTranscript() {}

    /** Wasmtime's code of a module, compiled here or loaded. */
    interface Code {
        int run(WasiSettings settings) throws WasmtimeException;

        ModuleInstance instantiate(WasiSettings settings) throws WasmtimeException;
    }

    /** @param folder for what the program prints */
    static List<String> of(Exercise exercise, Code code, Path folder) throws IOException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        var settings = new WasiSettings(
                exercise.arguments(),
                exercise.environment(),
                Map.of(),
                Optional.of(Path.of("/dev/null")),
                Optional.of(out),
                Optional.of(err));
        List<String> lines = new ArrayList<>();
        try {
            if (exercise.arguments().isEmpty()) {
                try (ModuleInstance instance = code.instantiate(settings)) {
                    Transcript.of(exercise, new Running(instance), lines);
                }
            } else {
                lines.add("exit " + code.run(settings));
            }
        } catch (WasmtimeException e) {
            lines.add("start: traps: " + e.getMessage());
        }
        lines.add("out: " + Files.readString(out));
        lines.add("err: " + Files.readString(err));
        return lines;
    }

    private record Running(ModuleInstance instance) implements RunningModule {
        @Override
        public Signature signature(String function) {
            FunctionType type = calling(() -> instance.type(function)
                    .orElseThrow(() -> new IllegalArgumentException("exercise: no function " + function)));
            return new Signature(
                    type.parameters().stream().map(Running::type).toList(),
                    type.results().stream().map(Running::type).toList());
        }

        private static ValueType type(FunctionType.NumberType type) {
            return switch (type) {
                case I32 -> ValueType.I32;
                case I64 -> ValueType.I64;
                case F32 -> ValueType.F32;
                case F64 -> ValueType.F64;
            };
        }

        @Override
        public Called call(String function, long[] arguments) {
            try {
                return new Called.Returned(instance.call(function, arguments));
            } catch (WasmtimeException e) {
                return e.exitStatus().isPresent()
                        ? new Called.Exited(e.exitStatus().getAsInt())
                        : new Called.Trapped(e.getMessage());
            }
        }

        @Override
        public byte[] read(int address, int length) {
            return calling(() -> instance.read(Integer.toUnsignedLong(address), length));
        }

        @Override
        public void write(int address, byte[] bytes) {
            calling(() -> {
                instance.write(Integer.toUnsignedLong(address), bytes);
                return bytes;
            });
        }

        @Override
        public long global(String name) {
            return calling(() -> instance.global(name));
        }

        private interface Calls<T> {
            T make() throws WasmtimeException;
        }

        private static <T> T calling(Calls<T> calls) {
            try {
                return calls.make();
            } catch (WasmtimeException e) {
                throw new IllegalArgumentException("exercise: " + e.getMessage(), e);
            }
        }
    }
}
