package dev.precast.engine.wasmtime.capi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.artifact.EngineHash;
import dev.precast.artifact.Target;
import dev.precast.json.Json;
import dev.precast.json.JsonException;
import dev.precast.json.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that the options that profiles write out equal Wasmtime's own defaults. */
final class ProfileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void the_profile_cranelift_is_what_Wasmtime_does_when_nothing_is_set(WasmtimeLibrary library) throws Exception {
        assertThat(hash(library, Profile.CRANELIFT))
                .isEqualTo(EmptyModule.hash(UntouchedEngine.of(library, config -> {}), folder));
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void the_profile_winch_is_what_Wasmtime_does_when_only_Winch_is_chosen(WasmtimeLibrary library) throws Exception {
        assertThat(hash(library, Profile.WINCH))
                .isEqualTo(EmptyModule.hash(
                        UntouchedEngine.of(library, config -> Option.STRATEGY.set(library, config, Json.of("winch"))),
                        folder));
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void the_profile_pulley_is_what_Wasmtime_does_when_only_the_target_is_set(WasmtimeLibrary library)
            throws Exception {
        assertThat(hash(library, Profile.PULLEY))
                .isEqualTo(EmptyModule.hash(
                        UntouchedEngine.of(
                                library,
                                config -> CpuTarget.of(new Target("pulley64")).apply(library, config)),
                        folder));
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void the_profile_portable_is_what_Wasmtime_does_with_a_target_and_without_what_needs_GC(WasmtimeLibrary library)
            throws Exception {
        assertThat(hash(library, Profile.PORTABLE))
                .isEqualTo(EmptyModule.hash(
                        UntouchedEngine.of(library, config -> {
                            CpuTarget.of(Profile.PORTABLE.target()).apply(library, config);
                            Option.GC_SUPPORT.set(library, config, Json.of(false));
                            Option.WASM_GC.set(library, config, Json.of(false));
                            Option.WASM_EXCEPTIONS.set(library, config, Json.of(false));
                        }),
                        folder));
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void a_config_without_an_option_of_the_library_is_refused_by_its_name(WasmtimeLibrary library) {
        JsonObject all = Profile.CRANELIFT.config(library).options();
        EngineConfig incomplete =
                new EngineConfig(JsonObject.EMPTY.with(EngineConfig.FLAGS, all.object(EngineConfig.FLAGS)));

        assertThatThrownBy(() -> Engine.create(library, incomplete, Profile.CRANELIFT.target()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("missing options: ")
                .hasMessageContaining("wasm_threads");
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void unknown_options_and_values_are_refused(WasmtimeLibrary library) {
        JsonObject all = Profile.CRANELIFT.config(library).options();

        assertThatThrownBy(() -> new EngineConfig(all.with("wasm_gravity", Json.of(true))))
                .isInstanceOf(JsonException.class)
                .hasMessageContaining("unknown member \"wasm_gravity\"");
        assertThatThrownBy(() -> new EngineConfig(all.with("strategy", "llvm")))
                .hasMessage("strategy: expected one of [cranelift, winch], found \"llvm\"");
        assertThatThrownBy(() -> new EngineConfig(all.with("wasm_gc", 1)))
                .hasMessage("wasm_gc: expected true or false, found 1");
        assertThatThrownBy(() -> new EngineConfig(all.with("memory_guard_size", -1)))
                .hasMessage("memory_guard_size: expected a number of bytes, found -1");
        assertThatThrownBy(() ->
                        new EngineConfig(all.with(EngineConfig.FLAGS, JsonObject.EMPTY.with("has_avx", Json.of(true)))))
                .hasMessageContaining("cranelift_flags.has_avx");
    }

    @ParameterizedTest
    @MethodSource("dev.precast.engine.wasmtime.capi.Libraries#all")
    void a_target_that_Wasmtime_does_not_know_is_refused_in_its_words(WasmtimeLibrary library) {
        assertThatThrownBy(
                        () -> Engine.create(library, Profile.CRANELIFT.config(library), new Target("z80-unknown-cpm")))
                .isInstanceOf(WasmtimeException.class)
                .hasMessageContaining("Unrecognized architecture");
    }

    private EngineHash hash(WasmtimeLibrary library, Profile profile) throws Exception {
        return EmptyModule.hash(Engine.create(library, profile.config(library), profile.target()), folder);
    }
}
