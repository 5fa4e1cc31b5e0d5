package dev.precast.engine.wasmtime.capi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.engine.wasmtime.capi.FunctionType.NumberType;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ModuleInstanceTest {
    private static final WasiSettings SETTINGS = WasiSettings.of(List.of("test"));

    private interface Use {
        void of(ModuleInstance instance) throws Exception;
    }

    private static void withNumbers(WasmtimeLibrary library, Use use) throws Exception {
        with(Wasm.NUMBERS, library, use);
    }

    private static void with(byte[] wasm, WasmtimeLibrary library, Use use) throws Exception {
        try (Engine engine = Engine.create(library, Profile.CRANELIFT.config(library), Profile.CRANELIFT.target());
                Arena arena = Arena.ofConfined();
                CompiledCode code = engine.compile(Wasm.of(arena, wasm), WasmKind.MODULE);
                ModuleInstance instance = ModuleInstance.standalone(code, SETTINGS)) {
            use.of(instance);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void numbers_of_every_type_go_in_and_come_out(WasmtimeLibrary library) throws Exception {
        withNumbers(library, instance -> {
            List<NumberType> all = List.of(NumberType.I32, NumberType.I64, NumberType.F32, NumberType.F64);
            assertThat(instance.type("same")).contains(new FunctionType(all, all));
            long half = Float.floatToRawIntBits(-0.5f) & 0xffff_ffffL;
            long third = Double.doubleToRawLongBits(1 / 3.0);

            assertThat(instance.call("same", -1, Long.MIN_VALUE, half, third))
                    .containsExactly(-1, Long.MIN_VALUE, half, third);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void imports_return_zeros_and_memory_and_globals_are_readable(WasmtimeLibrary library) throws Exception {
        withNumbers(library, instance -> {
            assertThat(instance.call("ask")).containsExactly(0);
            instance.write(65_534, new byte[] {7, 8});
            assertThat(instance.call("load", 65_534)).containsExactly(7);
            assertThat(instance.read(65_533, 3)).containsExactly(0, 7, 8);
            assertThat(instance.global("seven")).isEqualTo(7);
        });
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void a_memory_that_is_imported_is_the_first(WasmtimeLibrary library) throws Exception {
        with(Wasm.IMPORTS_MEMORY, library, instance -> {
            instance.write(9, new byte[] {5});
            assertThat(instance.call("load", 9)).containsExactly(5);
        });
        with(Wasm.TRAPS, library, instance -> {
            assertThatThrownBy(() -> instance.read(0, 1))
                    .hasMessage("memory: the module neither imports nor " + "exports one");
            assertThatThrownBy(() -> instance.call("_start")).hasMessageContaining("unreachable");
        });
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void unsupported_calls_are_refused_with_a_message(WasmtimeLibrary library) throws Exception {
        withNumbers(library, instance -> {
            assertThatThrownBy(() -> instance.call("load", 65_536)).hasMessageContaining("out of bounds");
            assertThatThrownBy(() -> instance.call("load")).hasMessage("load: expected 1 arguments, found 0");
            assertThatThrownBy(() -> instance.call("seven")).hasMessage("export not found: function seven");
            assertThatThrownBy(() -> instance.global("same")).hasMessage("export not found: global same");
            assertThatThrownBy(() -> instance.read(65_535, 2))
                    .hasMessage("memory: 2 bytes at 65535 are out of bounds (memory size: 65536 bytes)");
            assertThatThrownBy(() -> instance.write(-1, new byte[1])).hasMessageContaining("at -1");
            assertThatThrownBy(() -> instance.type("vector"))
                    .hasMessage("vector: expected only numbers, found a value of C API kind 4");
            assertThat(instance.type("nothing")).isEqualTo(Optional.empty());
        });
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void a_closed_instance_refuses_calls(WasmtimeLibrary library) throws Exception {
        withNumbers(library, instance -> {
            instance.close();
            assertThatThrownBy(() -> instance.call("ask")).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> instance.read(0, 1)).isInstanceOf(IllegalStateException.class);
            instance.close();
        });
    }
}
