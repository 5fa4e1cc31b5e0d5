package dev.precast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.engine.wasmtime.load.WasmtimeCode;
import dev.precast.engine.wasmtime.load.WasmtimeLoader;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WasmtimeHostTest {
    /** A command that imports the function {@code env.absent}. */
    private static final byte[] WANTS_AN_IMPORT = HexFormat.of()
            .parseHex("0061736d01000000" + "010401600000" + "020e0103656e7606616273656e740000" + "03020100"
                    + "070a01065f73746172740001" + "0a040102000b");

    @Test
    void what_cannot_be_instantiated_is_called_incompatible_and_not_a_trap() {
        Path library = Path.of("../engines/target/wasmtime/48.0.0", System.mapLibraryName("wasmtime"));
        WasmtimeCode code = WasmtimeLoader.of(library).interpret(WANTS_AN_IMPORT);
        WasiProgram program = new WasiProgram(Path.of("app.wasm"), List.of("app"), Map.of(), Map.of());

        assertThatThrownBy(() -> WasmtimeHost.run(code, program))
                .isInstanceOfSatisfying(
                        CommandFailed.class, failed -> assertThat(failed.code()).isEqualTo("incompatible"))
                .hasMessageContaining("app.wasm loads, but cannot run here: ")
                .hasMessageContaining("env::absent");
    }
}
