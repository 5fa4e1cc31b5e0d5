package dev.precast.engine.wasmtime.capi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.module.CwasmFile;
import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class EngineTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> everyProfile() {
        return Stream.of("48.0.0", "50.0.1")
                .flatMap(version -> Stream.of(Profile.values()).map(profile -> Arguments.of(version, profile)));
    }

    @ParameterizedTest
    @MethodSource("everyProfile")
    void a_serialized_module_is_opened_and_runs(String version, Profile profile) throws Exception {
        WasmtimeLibrary library = Libraries.of(version);
        try (Engine engine = Engine.create(library, profile.config(library), profile.target());
                Arena arena = Arena.ofConfined()) {
            Path file = EmptyModule.compile(engine, folder, Wasm.of(arena, Wasm.EXITS_WITH_7), WasmKind.MODULE);

            assertThat(CwasmFile.read(file).kind()).isEqualTo(WasmKind.MODULE);
            try (CompiledCode code = engine.deserialize(file, WasmKind.MODULE)) {
                assertThat(WasiCommand.run(code, WasiSettings.of(List.of("seven"))))
                        .isEqualTo(7);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("everyProfile")
    void a_trap_has_Wasmtimes_message(String version, Profile profile) throws Exception {
        WasmtimeLibrary library = Libraries.of(version);
        try (Engine engine = Engine.create(library, profile.config(library), profile.target());
                Arena arena = Arena.ofConfined();
                CompiledCode code = engine.compile(Wasm.of(arena, Wasm.TRAPS), WasmKind.MODULE)) {
            assertThatThrownBy(() -> WasiCommand.run(code, WasiSettings.of(List.of("traps"))))
                    .isExactlyInstanceOf(WasmtimeException.class)
                    .hasMessageContaining("unreachable");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void an_invalid_module_is_refused_with_Wasmtimes_message(WasmtimeLibrary library) throws Exception {
        byte[] cut = Arrays.copyOf(Wasm.TRAPS, Wasm.TRAPS.length - 2);
        try (Engine engine = Engine.create(library, Profile.CRANELIFT.config(library), Profile.CRANELIFT.target());
                Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> engine.compile(Wasm.of(arena, cut), WasmKind.MODULE))
                    .isInstanceOf(WasmtimeException.class)
                    .hasMessageContaining("unexpected end");
            assertThatThrownBy(() -> engine.compile(Wasm.of(arena, cut), WasmKind.OTHER))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void another_version_or_configuration_is_refused_with_Wasmtimes_message() throws Exception {
        WasmtimeLibrary old = Libraries.of("48.0.0");
        WasmtimeLibrary young = Libraries.of("50.0.1");
        try (Engine from = Engine.create(old, Profile.CRANELIFT.config(old), Profile.CRANELIFT.target());
                Engine winch = Engine.create(old, Profile.WINCH.config(old), Profile.WINCH.target());
                Engine other = Engine.create(young, Profile.CRANELIFT.config(young), Profile.CRANELIFT.target());
                Arena arena = Arena.ofConfined()) {
            Path file = EmptyModule.compile(from, folder, Wasm.of(arena, Wasm.TRAPS), WasmKind.MODULE);

            assertThatThrownBy(() -> other.deserialize(file, WasmKind.MODULE))
                    .isInstanceOf(WasmtimeException.class)
                    .hasMessageContaining("incompatible version '48'");
            assertThatThrownBy(() -> winch.deserialize(file, WasmKind.MODULE))
                    .isInstanceOf(WasmtimeException.class)
                    .hasMessageContaining("compiled with");
            assertThatThrownBy(() -> from.deserialize(file, WasmKind.COMPONENT)).isInstanceOf(WasmtimeException.class);
        }
    }

    @Test
    void a_missing_or_invalid_library_is_named() throws Exception {
        Path missing = folder.resolve("libwasmtime.so");
        assertThatThrownBy(() -> WasmtimeLibrary.load(missing)).hasMessageContaining(missing.toString());

        Path none = Files.writeString(folder.resolve("none.so"), "no library");
        assertThatThrownBy(() -> WasmtimeLibrary.load(none)).hasMessageContaining(none.toString());
    }
}
