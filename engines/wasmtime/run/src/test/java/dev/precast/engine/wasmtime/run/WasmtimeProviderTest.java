package dev.precast.engine.wasmtime.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.load.EngineOptions;
import dev.precast.load.ProgramException;
import dev.precast.load.WasiProgram;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WasmtimeProviderTest {
    /** A command that imports the function {@code env.absent}. */
    private static final byte[] WANTS_AN_IMPORT = HexFormat.of()
            .parseHex("0061736d01000000" + "010401600000" + "020e0103656e7606616273656e740000" + "03020100"
                    + "070a01065f73746172740001" + "0a040102000b");

    private static final WasiProgram PROGRAM = new WasiProgram(List.of("app"), Map.of(), Map.of());

    private final WasmtimeProvider provider = new WasmtimeProvider();

    @Test
    void a_module_that_cannot_be_instantiated_is_incompatible() throws Exception {
        WasmtimeCode code = provider.open(options("48.0.0")).interpret(WANTS_AN_IMPORT);

        assertThatThrownBy(() -> provider.run(code, PROGRAM))
                .isInstanceOfSatisfying(
                        ProgramException.class,
                        failed -> assertThat(failed.reason()).isEqualTo(ProgramException.Reason.INCOMPATIBLE))
                .hasMessageContaining("env::absent");
    }

    @Test
    void a_version_that_was_not_built_and_an_unknown_profile_are_named() {
        assertThatThrownBy(() -> provider.open(options("47.9.9")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("47.9.9");
        assertThatThrownBy(() -> provider.open(options("48.0.0", "fast")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("profile: expected one of [cranelift, winch, pulley, portable], found fast");
    }

    private static EngineOptions options(String version, String... profiles) {
        return new EngineOptions(
                Optional.of(version), Optional.empty(), Path.of("../../target/wasmtime"), List.of(profiles));
    }
}
