package dev.precast.engine.wasmtime.capi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.module.WasmKind;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClosingTest {
    @TempDir
    private Path folder;

    @Test
    void a_running_module_continues_after_its_code_and_engine_are_closed() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClosingChild.class.getName(),
                        Libraries.file("48.0.0").toString())
                .redirectErrorStream(true)
                .directory(folder.toFile())
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).containsPattern("ended [1-9]").containsPattern("refused [1-9]");
    }

    @Test
    void closed_objects_refuse_calls_and_code_outlives_its_engine() throws Exception {
        WasmtimeLibrary library = Libraries.of("50.0.1");
        Engine engine = Engine.create(library, Profile.WINCH.config(library), Profile.WINCH.target());
        try (Arena arena = Arena.ofConfined();
                CompiledCode code = engine.compile(Wasm.of(arena, Wasm.EXITS_WITH_7), WasmKind.MODULE)) {
            engine.close();

            assertThat(WasiCommand.run(code, WasiSettings.of(List.of("seven")))).isEqualTo(7);
            assertThatThrownBy(() -> engine.compile(Wasm.of(arena, Wasm.EXITS_WITH_7), WasmKind.MODULE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("Wasmtime's engine: already closed");

            code.close();
            assertThatThrownBy(() -> WasiCommand.run(code, WasiSettings.of(List.of("seven"))))
                    .hasMessage("Wasmtime's code: already closed");
            assertThatThrownBy(() -> code.serialize(folder.resolve("out")))
                    .hasMessage("Wasmtime's code: already closed");
        }
    }
}
